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
