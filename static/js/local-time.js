// Shows a time in the reader's own zone: "today, 11:20", "yesterday, 09:03", "3 March, 18:40"; data-brief leaves out "today".

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" })
const date = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long" })
const dateAndYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" })
const DAY = 86_400_000

class LocalTime extends HTMLElement {
  connectedCallback() {
    this.show()
    // A card that is morphed gets the server's words again.
    this.watch = new MutationObserver(() => this.show())
    this.watch.observe(this, { childList: true, characterData: true, subtree: true })
  }

  disconnectedCallback() {
    this.watch.disconnect()
  }

  show() {
    const time = this.querySelector("time")
    const moment = new Date(time?.dateTime)
    if (Number.isNaN(moment.valueOf())) return
    const words = [this.day(moment), clock.format(moment)].filter(Boolean).join(", ")
    if (time.textContent === words) return
    time.title = moment.toLocaleString()
    time.textContent = words
  }

  day(moment) {
    const now = new Date()
    const days = Math.round((new Date(now).setHours(0, 0, 0, 0) - new Date(moment).setHours(0, 0, 0, 0)) / DAY)
    if (days === 0) return "brief" in this.dataset ? "" : "today"
    if (days === 1) return "yesterday"
    return (moment.getFullYear() === now.getFullYear() ? date : dateAndYear).format(moment)
  }
}

customElements.define("local-time", LocalTime)
