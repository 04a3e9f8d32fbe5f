// Keys that press what carries their name in data-key.

export function isTyped(event) {
  return event.metaKey || event.ctrlKey || event.altKey || Boolean(event.target.closest?.("input:not([type=radio], [type=checkbox]), textarea, select"))
}

export function press(root, event) {
  const target = root.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
  if (!target) return
  event.preventDefault()
  target.click()
}
