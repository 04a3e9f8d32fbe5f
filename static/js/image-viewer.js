// The keys of the viewer, alone on its page or in its dialog: each presses what carries its name in data-key.
import "./zoom-stage.js"
import { copyImage } from "./copy-image.js"
import { isTyped, press } from "./pressed.js"
import { Swipe } from "./swipe.js"

class ImageViewer extends HTMLElement {
  connectedCallback() {
    this.leaving = new AbortController()
    const { signal } = this.leaving
    document.addEventListener("keydown", event => this.key(event), { signal })
    this.addEventListener("click", event => this.click(event), { signal })
    this.addEventListener("submit", event => this.remember(event), { signal, capture: true })
    this.addEventListener("htmx:after:swap", () => { this.offer(); this.goBack() }, { signal })
    new Swipe(this.querySelector(".viewer__stage"), {
      may: event => event.target.closest("[data-zoom]") && !this.stage.isZoomed,
      walk: rel => this.querySelector(`[rel=${rel}]`),
    })
    this.offer()
    this.watchOriginal()
  }

  disconnectedCallback() {
    this.leaving.abort()
  }

  // Without https a browser has no clipboard.
  offer() {
    for (const button of this.querySelectorAll("[data-copy], [data-copy-image]")) button.hidden = !navigator.clipboard?.write
    for (const button of this.querySelectorAll("[data-fold]")) button.hidden = false
  }

  // What answers may be without what was pressed, or have it in a fold that is shut: the focus goes to its line.
  remember(event) {
    this.line = event.target.closest("details, .kept__row")?.querySelector("summary, input:not([type=hidden])")?.id
  }

  goBack() {
    if (this.line && document.activeElement === document.body) document.getElementById(this.line)?.focus()
    this.line = undefined
  }

  // It may have come, or failed, before this was listening.
  watchOriginal() {
    const original = this.querySelector("[data-original]")
    original.addEventListener("load", () => this.arrived(true))
    original.addEventListener("error", () => this.arrived(false))
    if (original.complete) this.arrived(original.naturalWidth > 0)
  }

  arrived(well) {
    this.querySelector("[data-original]").classList.toggle("viewer__original--failed", !well)
    this.querySelector("[data-failed]").hidden = well
    if (well && !navigator.connection?.saveData) this.fetchAhead()
  }

  // The neighbours' previews and then their originals, next one first, once this picture is whole.
  async fetchAhead() {
    const ahead = ["next", "prev"].map(rel => this.querySelector(`[rel=${rel}]`)?.dataset.ahead?.split(" ") ?? [])
    for (const url of [...ahead.map(each => each[0]), ...ahead.map(each => each[1])]) {
      if (!this.isConnected) return
      if (url) await Object.assign(new Image(), { src: url, fetchPriority: "low" }).decode().catch(() => {})
    }
  }

  key(event) {
    if (isTyped(event)) return
    if (event.key === "Escape" && this.leave()) return event.preventDefault()
    if (event.key === "Escape" && this.closest("dialog")) return // the dialog closes itself
    press(this, event)
  }

  // Escape leaves the list of keys and the full size before it leaves the viewer.
  leave() {
    const sheet = this.querySelector("[popover]:popover-open")
    sheet?.hidePopover()
    return Boolean(sheet) || this.stage.fit()
  }

  click(event) {
    const copying = event.target.closest("[data-copy-image]")
    if (copying) copyImage(this.querySelector("[data-original]"), copying)
    if (event.target.closest("[data-fold]")) this.fold()
    if (event.target.closest("[data-again]")) this.again()
  }

  fold() {
    const bare = this.classList.toggle("viewer--bare")
    this.querySelector("[data-fold]").setAttribute("aria-expanded", !bare)
  }

  again() {
    const original = this.querySelector("[data-original]")
    original.src = original.src
  }

  get stage() {
    return this.querySelector("zoom-stage")
  }
}

customElements.define("image-viewer", ImageViewer)
