// Draws a frame around pictures with the mouse: from an empty place, or from anywhere while some are chosen.
const MOVED = 6 // pixels before a press becomes a frame

export class Lasso {
  constructor(selection, signal) {
    this.selection = selection
    const listen = (name, act) => document.addEventListener(name, event => act(event), { signal })
    listen("pointerdown", event => this.begin(event))
    listen("pointermove", event => this.draw(event))
    listen("pointerup", () => this.end())
    listen("pointercancel", () => this.drop())
    listen("keydown", event => event.key === "Escape" && this.drop())
    addEventListener("scroll", () => this.draw(this.latest), { signal, passive: true })
    document.addEventListener("click", event => this.swallow(event), { signal, capture: true })
  }

  begin(event) {
    this.drop()
    if (event.pointerType !== "mouse" || event.button || event.shiftKey) return
    if (!event.target.matches("html, body") && !event.target.closest("#main")) return
    if (event.target.closest("input, button, form, label, summary, dialog, .grip")) return
    if (event.target.closest("a, p, h1, h2, nav") && !(this.selection.isOn && event.target.closest(".tile"))) return
    this.from = { x: event.clientX + scrollX, y: event.clientY + scrollY }
  }

  draw(event) {
    if (!this.from || !event) return
    this.latest = { clientX: event.clientX, clientY: event.clientY }
    const [x, y] = [event.clientX + scrollX, event.clientY + scrollY]
    if (!this.frame && Math.hypot(x - this.from.x, y - this.from.y) < MOVED) return
    this.frame ||= this.make()
    const sides = { x: Math.min(x, this.from.x), y: Math.min(y, this.from.y), width: Math.abs(x - this.from.x), height: Math.abs(y - this.from.y) }
    for (const [name, value] of Object.entries(sides)) this.frame.style.setProperty(`--${name}`, value)
    for (const box of this.selection.boxes()) box.checked = this.selection.has(box.value) || this.meets(box)
  }

  make() {
    const frame = document.createElement("div")
    frame.className = "lasso"
    document.body.append(frame)
    document.documentElement.classList.add("is-drawing")
    return frame
  }

  meets(box) {
    const [tile, frame] = [box.closest(".tile"), this.frame].map(each => each.getBoundingClientRect())
    return tile.left < frame.right && tile.right > frame.left && tile.top < frame.bottom && tile.bottom > frame.top
  }

  end() {
    const found = this.frame ? this.selection.boxes().filter(box => this.meets(box)) : []
    this.drawn = Boolean(this.frame)
    this.drop()
    if (found.length) this.selection.do({ ids: new Set(found.map(box => box.value)), on: true })
    setTimeout(() => { this.drawn = false })
  }

  drop() {
    if (this.frame) this.selection.show()
    this.frame?.remove()
    document.documentElement.classList.remove("is-drawing")
    this.frame = this.from = this.latest = undefined
  }

  // The click that ends a drag over a picture opens nothing.
  swallow(event) {
    if (!this.drawn) return
    event.preventDefault()
    event.stopPropagation()
  }
}
