// Opens a[data-viewer] as a dialog over the page: the address changes, the page behind stays where it is.
class ViewerDialog extends HTMLElement {
  opened = new Set()
  ahead = new Map()

  connectedCallback() {
    if (this.dialog) return
    this.innerHTML = '<dialog class="viewer-dialog" aria-label="Picture" autofocus></dialog>'
    this.dialog = this.firstElementChild
    this.dialog.addEventListener("cancel", event => { event.preventDefault(); history.back() })
    this.dialog.addEventListener("htmx:after:request", event => this.refresh(event))
    document.addEventListener("click", event => this.click(event))
    document.addEventListener("htmx:before:history:restore", event => this.owns() && event.preventDefault())
    window.addEventListener("popstate", () => this.travel())
  }

  click(event) {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target.closest("a[data-viewer], .viewer-dialog a[data-close]")
    if (!link || (link.closest("image-viewer") && !this.dialog.contains(link))) return
    event.preventDefault()
    if (!this.dialog.contains(link)) this.card = link.closest("[data-card]")?.id
    if (link.matches("[data-close]")) history.back()
    else this.open(link.href, this.dialog.open ? "replaceState" : "pushState")
  }

  async open(url, record) {
    this.wanted = url
    import("./image-viewer.js")
    const { html, instead } = await (this.ahead.get(url) ?? ask(url))
    if (this.wanted !== url) return
    if (instead) return location.assign(instead)
    this.pageTitle ||= document.title
    if (record) history[record](null, "", url)
    this.opened.add(url)
    const pressed = this.dialog.contains(document.activeElement) && document.activeElement.dataset.key
    this.dialog.innerHTML = html
    window.htmx?.process(this.dialog)
    document.title = this.dialog.querySelector("[data-title]")?.dataset.title ?? document.title
    if (!this.isConnected) document.body.append(this)
    if (!this.dialog.open) this.dialog.showModal()
    // What had the focus is gone with the last picture: keys need a place to arrive at.
    const place = pressed && this.dialog.querySelector(`[data-key="${CSS.escape(pressed)}"]`)
    ;(place || this.dialog).focus({ preventScroll: true })
    this.wasOpen = true
    this.lookAhead()
  }

  // The pages of both neighbours are fetched while this one is looked at; whatever is done to a picture forgets them.
  lookAhead() {
    const urls = [...this.dialog.querySelectorAll("[data-ahead]")].map(link => link.href)
    for (const url of this.ahead.keys()) if (!urls.includes(url)) this.ahead.delete(url)
    for (const url of urls) if (!this.ahead.has(url)) this.ahead.set(url, ask(url))
  }

  // What was done to the picture shows on the card behind it, which may be asking for itself no more.
  refresh(event) {
    if (event.detail.ctx.request?.method?.toUpperCase() !== "POST") return
    this.ahead.clear()
    const card = this.card && document.getElementById(this.card)
    const live = document.getElementById("live")?.getAttribute("hx-get")
    if (card && live) window.htmx.ajax("GET", `${live}&c=${card.dataset.card}.`, { target: card, swap: "none" })
  }

  // htmx marks every state as its own, so the addresses opened here are remembered apart from it.
  owns() {
    return this.wasOpen || this.opened.has(location.href)
  }

  travel() {
    if (this.opened.has(location.href)) return this.open(location.href)
    if (!this.dialog.open) return
    this.wanted = ""
    const image = this.dialog.querySelector("[data-image]")?.dataset.image
    this.dialog.close()
    this.dialog.replaceChildren()
    this.ahead.clear()
    document.title = this.pageTitle
    document.dispatchEvent(new CustomEvent("viewer:close", { detail: { tile: `tile-${image}` } }))
    setTimeout(() => { this.wasOpen = false }, 100)
  }
}

// The viewer of a picture, or where to go instead.
async function ask(url) {
  const response = await fetch(url, { headers: { "HX-Request": "true" } })
  if (!response.ok) return { instead: response.headers.get("HX-Redirect") ?? url }
  return { html: await response.text() }
}

customElements.define("viewer-dialog", ViewerDialog)
document.body.append(document.createElement("viewer-dialog"))
