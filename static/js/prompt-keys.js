// Mod+Enter sends the composer, or a comparison, from any of its fields, but not while an input method composes.
document.addEventListener("keydown", event => {
  if (event.key !== "Enter" || !(event.metaKey || event.ctrlKey)) return
  if (event.isComposing || event.keyCode === 229 || event.repeat) return
  const form = event.target.closest?.(".composer")
  const button = form?.querySelector(".btn--go")
  if (!button || button.disabled) return
  event.preventDefault()
  form.requestSubmit(button)
})

// Alt+↑ and Alt+↓ walk one's own recent prompts, newest first; before them stands what was being written.
let place = -1
let written = ""
let shown

document.addEventListener("keydown", event => {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key]
  if (!step || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return
  const box = event.target.closest?.("#composer textarea[name=prompt]")
  if (!box) return
  event.preventDefault()
  if (box.value !== shown) [place, written] = [-1, box.value]
  const prompts = recent()
  place = Math.max(-1, Math.min(place + step, prompts.length - 1))
  box.value = place < 0 ? written : prompts[place]
  shown = box.value
  box.dispatchEvent(new Event("input", { bubbles: true }))
})

// The feed below the composer holds one's own generations, each with its whole prompt as a heading.
export function recent() {
  return [...new Set([...document.querySelectorAll("#feed .run__prompt")].map(prompt => prompt.textContent))]
}
