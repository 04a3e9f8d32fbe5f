// A long press on a picture chooses it, where there is no mouse; from then on a tap does.
const LONG = 450
const STILL = 10 // pixels a finger may move

export class LongPress {
  constructor(selection, signal) {
    this.selection = selection
    const { list } = selection
    list.addEventListener("pointerdown", event => this.begin(event), { signal })
    list.addEventListener("pointermove", event => this.move(event), { signal })
    for (const name of ["pointerup", "pointercancel"]) list.addEventListener(name, () => this.stop(), { signal })
    list.addEventListener("contextmenu", event => this.at && event.preventDefault(), { signal })
    list.addEventListener("click", event => this.swallow(event), { signal, capture: true })
  }

  begin(event) {
    this.fired = false
    const box = event.target.closest(".tile")?.querySelector("[name=image]")
    if (event.pointerType === "mouse" || !box || event.target === box) return
    this.at = { x: event.clientX, y: event.clientY }
    this.timer = setTimeout(() => {
      this.fired = true
      navigator.vibrate?.(10)
      this.selection.turn(box, !box.checked)
    }, LONG)
  }

  move(event) {
    if (this.at && Math.hypot(event.clientX - this.at.x, event.clientY - this.at.y) > STILL) this.stop()
  }

  stop() {
    clearTimeout(this.timer)
    setTimeout(() => { this.at = undefined })
  }

  swallow(event) {
    if (!this.fired) return
    this.fired = false
    event.preventDefault()
    event.stopPropagation()
  }
}
