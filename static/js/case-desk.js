// The keys of the moderators' desk, and where the focus goes when the next case comes.
import { isTyped, press } from "./pressed.js"

class CaseDesk extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController()
    const { signal } = this.leaving
    document.addEventListener("keydown", event => this.key(event), { signal })
    // What had the focus is gone with the last case: a reader's cursor goes on at the words of this one.
    if (document.activeElement === document.body && CaseDesk.seen) this.querySelector(".case__prompt")?.focus({ preventScroll: true })
    CaseDesk.seen = true
  }

  disconnectedCallback() {
    this.leaving.abort()
  }

  key(event) {
    if (event.key === "Escape") {
      const keys = this.querySelector("[data-keys][open]")
      if (keys) keys.open = false
      if (isTyped(event)) event.target.blur()
    }
    if (isTyped(event)) return
    if (event.key === "/") {
      event.preventDefault()
      return this.querySelector("[type=search]")?.focus()
    }
    press(this, event)
  }
}

customElements.define("case-desk", CaseDesk)

// Counts the seconds down in which a decision can be undone; then the button has done its time.
class UndoClock extends HTMLElement {
  connectedCallback() {
    this.end = performance.now() + Number(this.dataset.seconds) * 1000
    this.timer = setInterval(() => this.tick(), 500)
  }

  disconnectedCallback() {
    clearInterval(this.timer)
  }

  tick() {
    const left = Math.ceil((this.end - performance.now()) / 1000)
    if (left > 0) this.textContent = `${left} s`
    else this.closest("form").hidden = true
  }
}

customElements.define("undo-clock", UndoClock)
