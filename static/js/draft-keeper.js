// Keeps what a person types until they come back: each tab its own, a new one the latest. Text that the server put
// there, or that is taken from a card, comes first; a prompt that was never sent is given back by Undo.
import { recent } from "./prompt-keys.js"

class DraftKeeper extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", () => this.write(this.box.value))
    this.addEventListener("click", event => event.target.closest("[data-undo]") && this.undo())
    const kept = this.read()
    if (kept && !this.box.value) this.box.value = kept
    else if (this.box.value) this.replaced(kept)
    this.box.setSelectionRange(this.box.value.length, this.box.value.length)
  }

  get box() {
    return this.querySelector("textarea")
  }

  // Puts another prompt into the box, which a person then goes on writing.
  use(text) {
    const before = this.box.value
    this.box.value = text
    this.replaced(before)
    this.box.focus()
    this.box.setSelectionRange(text.length, text.length)
  }

  replaced(before) {
    const isUnsent = before?.trim() && before !== this.box.value && !recent().includes(before.trim())
    this.before = isUnsent ? before : ""
    this.querySelector(".draft").hidden = !isUnsent
    this.write(this.box.value)
  }

  undo() {
    this.box.value = this.before
    this.replaced("")
    this.box.focus()
  }

  get key() {
    return `draft:${this.dataset.person}`
  }

  // A browser may forbid storage altogether; then nothing is kept.
  read() {
    try {
      return sessionStorage.getItem(this.key) ?? localStorage.getItem(this.key)
    } catch {
      return null
    }
  }

  write(text) {
    try {
      sessionStorage.setItem(this.key, text)
      localStorage.setItem(this.key, text)
    } catch {
      return
    }
  }
}

customElements.define("draft-keeper", DraftKeeper)
