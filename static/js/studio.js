import "./draft-keeper.js"
import "./form-keeper.js"
import "./prompt-keys.js"
import "./server-choice.js"
import "./clocks.js"
import "./live.js"
import "./run-news.js"
import "./notify-me.js"
import "./notice-bell.js"
import "./count-stepper.js"
import "./model-picker.js"
import "./fold-choice.js"
import "./library-finder.js"
import "./viewer-dialog.js"
import "./gallery-place.js"
import "./image-selection.js"
import "./hand-order.js"
import "./local-time.js"
import "./case-desk.js"
import "./toasts.js"
import "./passkey-form.js"

if (document.querySelector("light-table")) import("./light-table.js")
if (document.querySelector("image-viewer")) import("./image-viewer.js") // else viewer-dialog fetches it

document.addEventListener("click", event => {
  const chosen = event.target.closest("[data-add], [data-carry], [data-copy], [data-dismiss], [data-use]")
  if (!chosen) return
  if ("dismiss" in chosen.dataset) chosen.closest(".toast").remove()
  if ("copy" in chosen.dataset) copy(chosen)
  if ("add" in chosen.dataset && add(chosen.dataset.add)) event.preventDefault()
  if ("carry" in chosen.dataset && carry(chosen, event)) event.preventDefault()
  if ("use" in chosen.dataset && use(chosen, event)) event.preventDefault()
})

// Of a row of tabs that is wider than the screen, the one that is open is seen.
for (const here of document.querySelectorAll(":is(.tabs, .office__side) [aria-current]")) {
  const row = here.parentElement
  row.scrollLeft += Math.max(0, here.getBoundingClientRect().right - row.getBoundingClientRect().right)
}

// A new sheet comes into view: on a phone it would begin below the screen. A prompt that was not taken has the focus: the
// button that was pressed is another one now.
document.addEventListener("htmx:after:settle", ({ target }) => {
  if (target.id === "composer") target.querySelector("textarea[aria-invalid=true]")?.focus()
  if (target.id === "feed") target.querySelector(".run")?.scrollIntoView({ block: "nearest" })
})

// Then the second click of a double click on Generate would hit what lies under the pointer by now.
let sends = false
document.addEventListener("click", event => {
  if (event.detail < 2) sends = event.target.closest("#composer button")?.type === "submit"
  else if (sends && !event.target.closest("#composer button")) {
    event.preventDefault()
    event.stopPropagation()
  }
}, { capture: true })

// Without https a browser has no clipboard: then the text is selected, ready for the keys.
async function copy(button) {
  if (!navigator.clipboard) return getSelection().selectAllChildren(button.parentElement.querySelector("code"))
  await navigator.clipboard.writeText(button.dataset.copy)
  const face = [...button.childNodes]
  if (button.textContent === "copied") return
  button.textContent = "copied"
  setTimeout(() => button.replaceChildren(...face), 1500)
}

// Beside a composer a card's prompt goes into it, and nothing else on the page changes; what was private starts private.
function use(link, event) {
  const keeper = document.querySelector("#composer draft-keeper")
  const prompt = link.closest(".run")?.querySelector(".run__prompt")
  if (!keeper || !prompt || event.ctrlKey || event.metaKey || event.shiftKey) return false
  keeper.use(prompt.textContent)
  const form = keeper.closest("form")
  form.elements.parent.value = new URL(link.href).searchParams.get("prompt")
  form.elements.saved.value = ""
  if (link.dataset.use === "private") document.querySelector("#shared-0").checked = true
  return true
}

// A grid and a comparison begin with what stands in the composer: it is sent there as it would be without a script.
function carry(link, event) {
  const form = link.closest("form")
  if (!form || event.ctrlKey || event.metaKey || event.shiftKey) return false
  form.action = link.href
  form.submit()
  return true
}

function add(words) {
  const box = document.querySelector("#composer textarea[name=prompt]")
  if (!box) return false
  const text = box.value.replace(/[\s,]+$/, "")
  box.value = text ? `${text}, ${words}` : words
  box.dispatchEvent(new Event("input", { bubbles: true }))
  box.focus()
  return true
}
