// Asks twice a second what has changed of the cards that are not finished, all in one request; a page without any is silent.
const BEAT = 500

setInterval(() => {
  if (document.querySelector("input[name=c]")) document.getElementById("live")?.dispatchEvent(new Event("look"))
}, BEAT)
