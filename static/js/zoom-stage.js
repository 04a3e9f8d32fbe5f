// Where the picture of the viewer stands: a press shows it in full size, the wheel goes nearer, a drag moves it about.
import { onPinch } from "./pinch.js"

const NEAREST = 4
const STILL = 5 // pixels within which a pointer that was moved was still a press

class ZoomStage extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", event => this.click(event))
    this.addEventListener("wheel", event => this.wheel(event), { passive: false })
    this.addEventListener("pointerdown", event => this.grip(event))
    this.addEventListener("pointermove", event => this.drag(event))
    for (const name of ["pointerup", "pointercancel"]) this.addEventListener(name, () => this.release())
    onPinch(this, {
      begin: () => { this.began = this.frame.offsetWidth / this.fullWidth },
      move: (factor, centre, moved) => {
        this.near(this.began * factor, centre)
        this.scrollBy({ left: -moved.x, top: -moved.y, behavior: "instant" })
      },
    })
  }

  get frame() {
    return this.querySelector("[data-zoom]")
  }

  get isZoomed() {
    return this.classList.contains("viewer__stage--full")
  }

  // Back to the whole picture; says whether it was not there already.
  fit() {
    const was = this.isZoomed
    this.classList.remove("viewer__stage--full")
    this.frame.style.removeProperty("--scale")
    return was
  }

  click(event) {
    const plain = !(event.metaKey || event.ctrlKey || event.shiftKey)
    if (!event.target.closest("[data-zoom]") || !plain) return
    event.preventDefault()
    if (this.moved) return
    // What is shown in full size already is shown twice as large.
    if (!this.fit()) this.zoom(this.frame.offsetWidth < 0.95 * this.fullWidth ? 1 : 2, event.detail ? event : undefined)
  }

  get fullWidth() {
    return Number(getComputedStyle(this.frame).getPropertyValue("--width"))
  }

  wheel(event) {
    const starts = event.deltaY < 0 && !matchMedia("(width < 56rem)").matches // there the page scrolls over it
    if (!event.target.closest("[data-zoom]") || !(this.isZoomed || starts)) return
    event.preventDefault()
    this.near((this.frame.offsetWidth / this.fullWidth) * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event)
  }

  // Show the picture at a scale within what is useful: never smaller than whole.
  near(scale, pointer) {
    if (!this.isZoomed) this.whole = this.frame.offsetWidth
    const whole = this.whole / this.fullWidth
    if (scale <= whole) this.fit()
    else this.zoom(Math.min(scale, Math.max(NEAREST, whole)), pointer)
  }

  // Show the picture at a scale, with the point under the pointer where it was.
  zoom(scale, pointer) {
    if (!this.isZoomed) this.whole = this.frame.offsetWidth
    const { left, top, width, height } = this.frame.getBoundingClientRect()
    const box = this.getBoundingClientRect()
    const at = pointer ?? { clientX: box.left + box.width / 2, clientY: box.top + box.height / 2 }
    const [x, y] = [(at.clientX - left) / width, (at.clientY - top) / height]
    this.frame.style.setProperty("--scale", scale)
    this.classList.add("viewer__stage--full")
    const now = this.frame.getBoundingClientRect()
    this.scrollLeft += now.left + x * now.width - at.clientX
    this.scrollTop += now.top + y * now.height - at.clientY
  }

  grip(event) {
    this.moved = false
    if (!this.isZoomed || event.pointerType !== "mouse" || event.button) return
    this.held = { x: event.clientX + this.scrollLeft, y: event.clientY + this.scrollTop }
  }

  drag(event) {
    if (!this.held) return
    const [left, top] = [this.held.x - event.clientX, this.held.y - event.clientY]
    if (!this.moved && Math.hypot(left - this.scrollLeft, top - this.scrollTop) < STILL) return
    if (!this.moved) this.setPointerCapture(event.pointerId)
    this.moved = true
    this.scrollTo(left, top)
  }

  release() {
    this.held = undefined
    if (this.moved) setTimeout(() => { this.moved = false })
  }
}

customElements.define("zoom-stage", ZoomStage)
