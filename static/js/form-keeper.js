// What was typed into a form outlives a session that ended meanwhile: after signing in it stands there again. Composers
// keep their prompt themselves; passwords and files are never kept.
const KEY = "typed"
const bar = document.querySelector(".bar")

addEventListener("submit", ({ target }) => {
  if (!bar || target.method !== "post" || target.querySelector("draft-keeper, [type=password]")) return
  const fields = [...target.elements].filter(isTyped).map(({ name, value, checked }) => ({ name, value, checked }))
  write({ person: bar.dataset.person, path: location.pathname, action: target.getAttribute("action"), fields })
}, true)

const kept = read()
if (kept && !bar) write({ ...kept, waits: true }) // this page asks who one is
else if (kept && (!kept.waits || kept.person !== bar.dataset.person)) sessionStorage.removeItem(KEY)
else if (kept?.path === location.pathname) restore(kept)

function restore({ action, fields }) {
  sessionStorage.removeItem(KEY)
  const form = [...document.forms].find(each => each.getAttribute("action") === action)
  if (!form) return
  for (const { name, value, checked } of fields) {
    const field = [...form.elements].find(each => each.name === name && isTyped(each) && (!isTick(each) || each.value === value))
    if (field && isTick(field)) field.checked = checked
    else if (field) field.value = value
  }
  form.closest("details")?.setAttribute("open", "")
  form.scrollIntoView({ block: "nearest" })
}

function isTyped({ name, type }) {
  return Boolean(name) && !["hidden", "password", "file", "submit", "button"].includes(type)
}

function isTick({ type }) {
  return type === "radio" || type === "checkbox"
}

// A browser may forbid storage altogether; then nothing is kept.
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY))
  } catch {
    return null
  }
}

function write(entry) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(entry))
  } catch {
    return
  }
}
