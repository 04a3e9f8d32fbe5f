import "./draft-keeper.js"
import "./ticking-clock.js"
import "./count-stepper.js"
import "./submit-keys.js"
import "./viewer-dialog.js"
import "./image-viewer.js"
import "./local-time.js"

function toast(words) {
  const box = document.createElement("div")
  box.className = "toast toast--harm"
  box.setAttribute("role", "alert")
  const sentence = document.createElement("p")
  sentence.textContent = words
  const close = document.createElement("button")
  close.type = "button"
  close.className = "link"
  close.dataset.dismiss = ""
  close.textContent = "Dismiss"
  box.append(sentence, close)
  document.getElementById("toasts").replaceChildren(box)
}

// 5xx answers are never swapped in, and a network error has no answer at all.
document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status < 500) return
  const id = ctx.response.headers.get("X-Request-Id")
  toast(`Something went wrong${id ? ` (request ${id})` : ""}. Your prompt is still here.`)
})

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx && !ctx.response) toast("The studio cannot be reached. Your prompt is still here.")
})

document.addEventListener("click", event => {
  const chosen = event.target.closest("[data-add], [data-copy], [data-dismiss]")
  if (!chosen) return
  if ("dismiss" in chosen.dataset) chosen.closest(".toast").remove()
  if ("copy" in chosen.dataset) copy(chosen)
  if ("add" in chosen.dataset && add(chosen.dataset.add)) event.preventDefault()
})

async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy)
  button.textContent = "copied"
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
