// A finger moved sideways takes the picture along; let go far enough, or fast, it walks to the neighbour.
const ENOUGH = 64
const FAST = 0.4 // pixels in a millisecond

export class Swipe {
  constructor(stage, { may, walk }) {
    Object.assign(this, { stage, may, walk })
    stage.addEventListener("touchstart", event => this.begin(event), { passive: true })
    stage.addEventListener("touchmove", event => this.move(event), { passive: true })
    for (const name of ["touchend", "touchcancel"]) stage.addEventListener(name, () => this.end(), { passive: true })
  }

  begin(event) {
    const [touch] = event.touches
    this.from = event.touches.length === 1 && this.may(event) ? { x: touch.clientX, y: touch.clientY, at: event.timeStamp } : undefined
    this.by = 0
  }

  move(event) {
    if (!this.from || event.touches.length !== 1) return this.rest()
    const [x, y] = [event.touches[0].clientX - this.from.x, event.touches[0].clientY - this.from.y]
    if (!this.by && Math.abs(x) < 2 * Math.abs(y)) return
    this.by = x
    this.speed = Math.abs(x) / (event.timeStamp - this.from.at)
    const held = this.walk(x < 0 ? "next" : "prev") ? 1 : 0.25 // at the end of the list it goes heavily
    this.stage.style.setProperty("--swipe", `${x * held}px`)
  }

  end() {
    const far = Math.abs(this.by) > ENOUGH || (Math.abs(this.by) > ENOUGH / 3 && this.speed > FAST)
    const link = far && this.walk(this.by < 0 ? "next" : "prev")
    if (link) link.click()
    else this.rest()
    this.from = undefined
  }

  rest() {
    this.from = undefined
    this.by = 0
    this.stage.style.removeProperty("--swipe")
  }
}
