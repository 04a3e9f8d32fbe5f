// Opens a[data-viewer] as a dialog over the page: the address changes, the page behind stays where it is.
class ViewerDialog extends HTMLElement {
  opened = new Set()

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
    const response = await fetch(url, { headers: { "HX-Request": "true" } })
    if (!response.ok) return location.assign(response.headers.get("HX-Redirect") ?? url)
    const html = await response.text()
    if (this.wanted !== url) return
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
  }

  // What was done to the picture shows on the card behind it, which may be asking for itself no more.
  refresh(event) {
    if (event.detail.ctx.request?.method?.toUpperCase() !== "POST") return
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
    this.dialog.close()
    this.dialog.replaceChildren()
    document.title = this.pageTitle
    setTimeout(() => { this.wasOpen = false }, 100)
  }
}

customElements.define("viewer-dialog", ViewerDialog)
document.body.append(document.createElement("viewer-dialog"))
