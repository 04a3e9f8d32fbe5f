// Says what no answer could show: 5xx answers are never swapped in, and a network error has no answer at all.

const LOST = "The studio cannot be reached."

function toast(sentence) {
  const told = sentence.includes("Your prompt is still here") || !document.querySelector("#composer")
  const words = told ? sentence : `${sentence} Your prompt is still here.`
  if (document.querySelector("#toasts p")?.textContent === words) return
  const box = document.createElement("div")
  box.className = "toast"
  box.setAttribute("role", "alert")
  box.innerHTML = '<p></p><button class="toast__close" type="button" data-dismiss aria-label="Dismiss">×</button>'
  box.firstElementChild.textContent = words
  document.getElementById("toasts").replaceChildren(box)
}

// The sentence of a StudioError, if the answer holds one.
function said(text) {
  return new DOMParser().parseFromString(text ?? "", "text/html").querySelector(".toast p")?.textContent.trim()
}

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status < 500) return
  const id = ctx.response.headers.get("X-Request-Id")
  toast(said(ctx.text) || `Something went wrong${id ? ` (request ${id})` : ""}.`)
})

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx && !ctx.response) toast(LOST)
})

document.addEventListener("htmx:after:request", () => {
  const shown = document.querySelector("#toasts .toast")
  if (shown?.textContent.startsWith(LOST)) shown.remove()
})
