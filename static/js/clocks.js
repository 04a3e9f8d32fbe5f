// Counts on from the seconds that the server gave.
class TickingClock extends HTMLElement {
  static observedAttributes = ["data-elapsed", "data-usual"]

  connectedCallback() {
    this.timer = setInterval(() => this.tick(), 500)
  }

  disconnectedCallback() {
    clearInterval(this.timer)
  }

  attributeChangedCallback() {
    if (this.dataset.elapsed === undefined) {
      this.sent = undefined
      return
    }
    const sent = performance.now() - Number(this.dataset.elapsed) * 1000
    const drift = Math.abs((this.sent ?? 0) - sent)
    if (this.sent === undefined || drift > 1500) this.sent = sent
  }

  get seconds() {
    return Math.max(0, (performance.now() - this.sent) / 1000)
  }

  tick() {
    if (this.sent === undefined) return
    const seconds = Math.floor(this.seconds)
    const { usual, late } = this.dataset
    const hint = usual ? (seconds > Number(late) ? ", longer than usual" : `, usually ${usual} s`) : ""
    const words = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}${hint}`
    if (this.textContent !== words) this.textContent = words
  }
}

customElements.define("ticking-clock", TickingClock)

const UNITS = [[172800, 86400, "days"], [7200, 3600, "h"], [121, 60, "min"]]

// Writes a wait as studio.words.readers.span does: 90 s, 45 min, 5 h.
const span = (seconds) => {
  const [, size, name] = UNITS.find(([least]) => seconds >= least) ?? [0, 1, "s"]
  return `${Math.ceil(seconds / size)} ${name}`
}

// Counts the wait in its words ("in 7 s") down, then says what the server gave for the end.
class CountDown extends HTMLElement {
  static observedAttributes = ["data-seconds"]

  connectedCallback() {
    this.timer = setInterval(() => this.tick(), 500)
  }

  disconnectedCallback() {
    clearInterval(this.timer)
  }

  attributeChangedCallback() {
    this.end = performance.now() + Number(this.dataset.seconds) * 1000
  }

  tick() {
    const left = Math.max(0, Math.ceil((this.end - performance.now()) / 1000))
    const wait = this.querySelector("span")
    if (!left) this.textContent = this.dataset.over
    else if (wait && wait.textContent !== span(left)) wait.textContent = span(left)
  }
}

customElements.define("count-down", CountDown)
