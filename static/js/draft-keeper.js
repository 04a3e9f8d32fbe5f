// Keeps what a person types until they come back; text that the server put there comes first.
class DraftKeeper extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", this)
    const box = this.querySelector("textarea")
    const kept = this.read()
    if (box && !box.value && kept) box.value = kept
    else if (box?.value) this.write(box.value)
  }

  handleEvent(event) {
    this.write(event.target.value)
  }

  get key() {
    return `draft:${this.dataset.person}`
  }

  // A browser may forbid storage altogether; then nothing is kept.
  read() {
    try {
      return localStorage.getItem(this.key)
    } catch {
      return null
    }
  }

  write(text) {
    try {
      localStorage.setItem(this.key, text)
    } catch {
      return
    }
  }
}

customElements.define("draft-keeper", DraftKeeper)
