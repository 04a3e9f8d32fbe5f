import "./draft-keeper.js"
import "./prompt-keys.js"
import "./server-choice.js"
import "./clocks.js"
import "./run-news.js"
import "./notify-me.js"
import "./count-stepper.js"
import "./viewer-dialog.js"
import "./local-time.js"
import "./toasts.js"

if (document.querySelector("image-viewer")) import("./image-viewer.js") // else viewer-dialog fetches it

document.addEventListener("click", event => {
  const chosen = event.target.closest("[data-add], [data-copy], [data-dismiss]")
  if (!chosen) return
  if ("dismiss" in chosen.dataset) chosen.closest(".toast").remove()
  if ("copy" in chosen.dataset) copy(chosen)
  if ("add" in chosen.dataset && add(chosen.dataset.add)) event.preventDefault()
})

// Without https a browser has no clipboard: then the text is selected, ready for the keys.
async function copy(button) {
  if (!navigator.clipboard) return getSelection().selectAllChildren(button.parentElement.querySelector("code"))
  await navigator.clipboard.writeText(button.dataset.copy)
  const face = [...button.childNodes]
  if (button.textContent === "copied") return
  button.textContent = "copied"
  setTimeout(() => button.replaceChildren(...face), 1500)
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
