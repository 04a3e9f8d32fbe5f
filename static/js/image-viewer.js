// The keys of the viewer, alone on its page or in its dialog: each presses what carries its name in data-key.

class ImageViewer extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController()
    const { signal } = this.leaving
    document.addEventListener("keydown", event => this.key(event), { signal })
    this.addEventListener("click", event => this.click(event), { signal })
    this.addEventListener("touchstart", event => { this.touch = event.touches.length === 1 && event.touches[0] }, { signal, passive: true })
    this.addEventListener("touchend", event => this.swipe(event.changedTouches[0]), { signal, passive: true })
    for (const button of this.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard
  }

  disconnectedCallback() {
    this.leaving.abort()
  }

  key(event) {
    if (event.metaKey || event.ctrlKey || event.altKey || event.target.closest?.("input, textarea, select")) return
    if (event.key === "i") return this.classList.toggle("viewer--bare")
    if (event.key === "Escape" && this.leave()) return event.preventDefault()
    if (event.key === "Escape" && this.closest("dialog")) return; // the dialog closes itself
    const target = this.querySelector(`[data-key="${CSS.escape(event.key)}"]`)
    if (!target) return
    event.preventDefault()
    target.click()
  }

  // Escape leaves the full size and the list of keys before it leaves the viewer.
  leave() {
    const keys = this.querySelector("[data-keys][open]")
    if (keys) keys.open = false
    return Boolean(keys) || (this.classList.contains("viewer--full") && !this.classList.toggle("viewer--full"))
  }

  // A finger moved sideways over the picture walks on, unless it moves about in the full size.
  swipe(end) {
    if (!this.touch?.target.closest("[data-zoom]") || this.classList.contains("viewer--full")) return
    const [x, y] = [end.clientX - this.touch.clientX, end.clientY - this.touch.clientY]
    if (Math.abs(x) > 48 && Math.abs(x) > 2 * Math.abs(y)) this.querySelector(x < 0 ? "[rel=next]" : "[rel=prev]")?.click()
  }

  click(event) {
    const zoom = event.target.closest("[data-zoom]")
    if (!zoom || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    const { left, top, width, height } = zoom.getBoundingClientRect()
    const [x, y] = event.detail ? [(event.clientX - left) / width, (event.clientY - top) / height] : [0.5, 0.5]
    const stage = zoom.parentElement
    if (!this.classList.toggle("viewer--full")) return
    stage.scrollLeft = x * zoom.offsetWidth - stage.clientWidth / 2
    stage.scrollTop = y * zoom.offsetHeight - stage.clientHeight / 2
  }
}

customElements.define("image-viewer", ImageViewer)
