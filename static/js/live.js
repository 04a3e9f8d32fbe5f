// Asks what has changed of the page, all in one request: every 0.8 s while cards are not finished, four times a second
// while one may end at any moment, else for notices alone.
const BEAT = 800
const SOON = 250
const QUIET = 20_000
let asked = Date.now()

// A request that has run half its usual time, and is not late.
const isSoon = (clock) => clock.seconds > clock.dataset.usual / 2 && clock.seconds <= clock.dataset.late

const look = () => {
  const due = document.querySelector("input[name=c]") || Date.now() - asked >= QUIET
  if (due) {
    asked = Date.now()
    document.getElementById("live")?.dispatchEvent(new Event("look"))
  }
  setTimeout(look, [...document.querySelectorAll("ticking-clock[data-usual]")].some(isSoon) ? SOON : BEAT)
}

setTimeout(look, BEAT)
