// The keys of the viewer, alone on its page or in its dialog: each presses what carries its name in data-key.
import "./zoom-stage.js"
import { copyImage } from "./copy-image.js"
import { isTyped, press } from "./pressed.js"

class ImageViewer extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController()
    const { signal } = this.leaving
    document.addEventListener("keydown", event => this.key(event), { signal })
    this.addEventListener("click", event => this.click(event), { signal })
    this.addEventListener("touchstart", event => { this.touch = event.touches.length === 1 && event.touches[0] }, { signal, passive: true })
    this.addEventListener("touchend", event => this.swipe(event.changedTouches[0]), { signal, passive: true })
    this.addEventListener("htmx:after:swap", () => this.offer(), { signal })
    this.offer()
  }

  disconnectedCallback() {
    this.leaving.abort()
  }

  // Without https a browser has no clipboard.
  offer() {
    for (const button of this.querySelectorAll("[data-copy], [data-copy-image]")) button.hidden = !navigator.clipboard?.write
  }

  key(event) {
    if (isTyped(event)) return
    if (event.key === "i") return this.classList.toggle("viewer--bare")
    if (event.key === "Escape" && this.leave()) return event.preventDefault()
    if (event.key === "Escape" && this.closest("dialog")) return // the dialog closes itself
    press(this, event)
  }

  // Escape leaves the full size and the list of keys before it leaves the viewer.
  leave() {
    const keys = this.querySelector("[data-keys][open]")
    if (keys) keys.open = false
    return Boolean(keys) || this.stage.fit()
  }

  // A finger moved sideways over the picture walks on, unless it moves about in the full size.
  swipe(end) {
    if (!this.touch?.target.closest("[data-zoom]") || this.stage.isZoomed) return
    const [x, y] = [end.clientX - this.touch.clientX, end.clientY - this.touch.clientY]
    if (Math.abs(x) > 48 && Math.abs(x) > 2 * Math.abs(y)) this.querySelector(x < 0 ? "[rel=next]" : "[rel=prev]")?.click()
  }

  click(event) {
    const button = event.target.closest("[data-copy-image]")
    if (button) copyImage(this.querySelector("[data-original]"), button)
  }

  get stage() {
    return this.querySelector("zoom-stage")
  }
}

customElements.define("image-viewer", ImageViewer)
