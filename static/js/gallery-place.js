// Keeps the place in the gallery: the address follows the page that is looked at, and coming back leads to its tile.
import { Rows } from "./rows.js"

class GalleryPlace extends HTMLElement {
  connectedCallback() {
    history.scrollRestoration = "manual" // the page that comes back is another one, and shorter
    this.leaving = new AbortController()
    const { signal } = this.leaving
    addEventListener("scroll", () => this.soon(), { signal, passive: true })
    document.addEventListener("viewer:close", event => this.show(event.detail.tile), { signal })
    const list = document.getElementById("rows")
    this.rows = list && new Rows(list)
    const { tile, top } = history.state?.place ?? {}
    const found = tile && document.getElementById(tile)
    if (found) scrollBy(0, found.getBoundingClientRect().top - top)
    else if (location.hash) addEventListener("load", () => document.querySelector(".tile:target a")?.focus(), { signal, once: true })
  }

  disconnectedCallback() {
    this.leaving.abort()
    clearTimeout(this.timer)
  }

  soon() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.keep(), 150)
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0
      this.rows?.keep()
    })
  }

  // The picture that was looked at last has the focus, where it stands.
  show(id) {
    const tile = this.rows?.bring(id)
    if (!tile) return
    tile.scrollIntoView({ block: "nearest" })
    tile.querySelector("a")?.focus({ preventScroll: true })
  }

  keep() {
    if (!this.isConnected || document.querySelector("dialog[open]")) return
    const tiles = [...document.querySelectorAll("#rows .tile")]
    const tile = tiles.find(each => each.getBoundingClientRect().bottom > 60)
    if (!tile) return
    let page = tile
    while (page && !page.dataset.page) page = page.previousElementSibling
    const place = { tile: tile.id, top: tile.getBoundingClientRect().top }
    history.replaceState({ ...history.state, place }, "", page?.dataset.page ?? location.href)
  }
}

customElements.define("gallery-place", GalleryPlace)
