// Asks what has changed of the page, all in one request: every 0.8 s while cards are not finished, four times a second
// while one of a few may end at any moment, else for notices alone.
const BEAT = 800
const SOON = 250
const FEW = 4
const QUIET = 20_000
let asked = Date.now()

// A request that has run half its usual time, and is not late.
const isSoon = (clock) => clock.seconds > clock.dataset.usual / 2 && clock.seconds <= clock.dataset.late

const look = () => {
  const cards = document.querySelectorAll("input[name=c]").length
  if (cards || Date.now() - asked >= QUIET) {
    asked = Date.now()
    document.getElementById("live")?.dispatchEvent(new Event("look"))
  }
  const clocks = cards <= FEW ? [...document.querySelectorAll("ticking-clock[data-usual]")] : []
  setTimeout(look, clocks.some(isSoon) ? SOON : BEAT)
}

setTimeout(look, BEAT)
