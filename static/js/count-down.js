// Counts the seconds of "Trying again in 7 s" down; the words are the server's.
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
    const words = this.textContent.replace(/\b(in \d+ s|now)\b/, left ? `in ${left} s` : "now")
    if (this.textContent !== words) this.textContent = words
  }
}

customElements.define("count-down", CountDown)
