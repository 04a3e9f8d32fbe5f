// Asks what has changed of the page, all in one request: every 0.8 s while cards are not finished, else for notices alone.
const BEAT = 800
const QUIET = 20_000
let asked = Date.now()

setInterval(() => {
  const due = document.querySelector("input[name=c]") || Date.now() - asked >= QUIET
  if (!due) return
  asked = Date.now()
  document.getElementById("live")?.dispatchEvent(new Event("look"))
}, BEAT)
