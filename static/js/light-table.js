// Pictures that are compared move in step: the wheel, two fingers or a key go nearer in all of them at the same place,
// a drag moves all of them; the slider says how much of the upper one is seen.
import { onPinch } from "./pinch.js"
import { isTyped, press } from "./pressed.js"

const NEAREST = 8

class LightTable extends HTMLElement {
  place = { zoom: 1, x: 0, y: 0 }

  connectedCallback() {
    this.leaving = new AbortController()
    const { signal } = this.leaving
    document.addEventListener("keydown", event => this.key(event), { signal })
    this.stage = this.querySelector(".lt__stage")
    if (!this.stage) return
    this.whole = this.querySelector("[data-whole]")
    this.whole.hidden = false
    this.whole.addEventListener("click", () => this.toggle())
    this.stage.addEventListener("wheel", event => this.wheel(event), { passive: false })
    this.stage.addEventListener("pointerdown", event => this.grip(event))
    this.stage.addEventListener("pointermove", event => this.drag(event))
    for (const name of ["pointerup", "pointercancel"]) this.stage.addEventListener(name, () => { this.held = undefined })
    this.stage.addEventListener("dblclick", event => this.toggle(event))
    onPinch(this.stage, {
      begin: () => { this.began = this.place.zoom; this.held = undefined },
      move: (factor, centre, moved) => { this.near(this.began * factor, centre); this.move(moved.x, moved.y) },
    })
    const slider = this.querySelector(".lt__slider")
    slider?.addEventListener("input", () => this.stage.style.setProperty("--at", slider.value / 100))
  }

  disconnectedCallback() {
    this.leaving.abort()
  }

  key(event) {
    const closesSheet = event.key === "Escape" && this.querySelector("[popover]:popover-open") // it closes itself
    if (!closesSheet && !isTyped(event)) press(this, event)
  }

  get frames() {
    return [...this.stage.querySelectorAll(".lt__frame")]
  }

  // One pixel of the first picture on one of the screen.
  get full() {
    const [{ offsetWidth, offsetHeight, dataset, lastElementChild: image }] = this.frames
    const shown = Math.min(offsetWidth, offsetHeight * (image.width / image.height || 1))
    return Math.max(Number(dataset.width) / shown, 2)
  }

  toggle(pointer) {
    this.near(this.place.zoom > 1 ? 1 : this.full, pointer)
  }

  wheel(event) {
    if (event.target.closest(".lt__slider") || (this.place.zoom === 1 && event.deltaY > 0)) return
    event.preventDefault()
    this.near(this.place.zoom * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event)
  }

  // What is under the pointer stays under it, in every picture.
  near(zoom, pointer) {
    const frame = pointer?.target?.closest?.(".lt__frame") ?? this.frames[0]
    const box = frame.getBoundingClientRect()
    const at = pointer ? { x: (pointer.clientX - box.left) / box.width, y: (pointer.clientY - box.top) / box.height } : { x: 0.5, y: 0.5 }
    const next = Math.min(Math.max(zoom, 1), NEAREST)
    const by = next / this.place.zoom
    this.show({ zoom: next, x: at.x - (at.x - this.place.x) * by, y: at.y - (at.y - this.place.y) * by })
  }

  move(x, y) {
    const { offsetWidth, offsetHeight } = this.frames[0]
    this.show({ zoom: this.place.zoom, x: this.place.x + x / offsetWidth, y: this.place.y + y / offsetHeight })
  }

  show({ zoom, x, y }) {
    const inside = value => Math.min(0, Math.max(1 - zoom, value))
    this.place = { zoom, x: inside(x), y: inside(y) }
    for (const [name, value] of Object.entries(this.place)) this.stage.style.setProperty(`--${name}`, value)
    this.stage.classList.toggle("lt__stage--near", zoom > 1)
    this.whole.textContent = zoom > 1 ? "Whole pictures" : "Full size"
  }

  grip(event) {
    if (this.place.zoom === 1 || event.button || event.target.closest(".lt__slider")) return
    this.held = { x: event.clientX, y: event.clientY }
    this.stage.setPointerCapture(event.pointerId)
  }

  drag(event) {
    if (!this.held || !event.isPrimary) return
    this.move(event.clientX - this.held.x, event.clientY - this.held.y)
    this.held = { x: event.clientX, y: event.clientY }
  }
}

customElements.define("light-table", LightTable)
