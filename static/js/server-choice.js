// After the server gave a whole form back, its fields stand as the server wrote them: a morph changes what is written,
// but not what a person chose before, and the form would post that. Only the prompt, and what is being typed, stay.

function stand(field) {
  if (!field.name || field.name === "prompt" || field.type === "hidden") return
  if (field.type === "radio" || field.type === "checkbox") field.checked = field.defaultChecked
  else if (field.options) for (const option of field.options) option.selected = option.defaultSelected
  else if (field !== document.activeElement) field.value = field.defaultValue
}

document.addEventListener("htmx:after:settle", ({ target }) => {
  if (target.matches?.(".composer, .compare__settings")) target.querySelectorAll("input, select, textarea").forEach(stand)
})
