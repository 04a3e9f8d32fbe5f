// The library in the prompt box: "/" in an empty prompt opens it, what is chosen there comes back from the server.
class LibraryFinder extends HTMLElement {
  connectedCallback() {
    this.addEventListener("toggle", event => event.newState === "open" && this.opened(event.target), true)
    this.addEventListener("keydown", event => this.key(event))
    this.addEventListener("click", event => event.target.closest("[name=fill]") && this.chosen())
  }

  get panel() {
    return this.querySelector("[popover]")
  }

  get search() {
    return this.querySelector("[type=search]")
  }

  // The panel looks for what there is; a prompt of the list asks for its first field. Both tell it by "toggle".
  opened(part) {
    if (part === this.panel) this.look()
    else part.querySelector("input, select")?.focus()
  }

  look() {
    this.search.focus()
    this.search.dispatchEvent(new Event("look"))
  }

  // Enter takes the first that is found; it must not send the prompt.
  key(event) {
    if (event.key !== "Enter" || !event.target.matches("input") || event.isComposing) return
    event.preventDefault()
    const inside = event.target.closest(".finder__fields") ?? this.querySelector(".finder__list")
    inside.querySelector("button, summary")?.click()
  }

  // The line of the price settles too, before or after.
  chosen() {
    this.panel.hidePopover()
    const settled = event => {
      if (event.target.id !== "composer") return
      document.removeEventListener("htmx:after:settle", settled)
      const keeper = event.target.querySelector("draft-keeper")
      keeper.use(keeper.querySelector("textarea").defaultValue.replace(/^\n/, ""))
    }
    document.addEventListener("htmx:after:settle", settled)
  }
}

customElements.define("library-finder", LibraryFinder)

document.addEventListener("keydown", event => {
  const box = event.target.closest?.("#composer textarea[name=prompt]")
  if (event.key !== "/" || !box || box.value || event.isComposing) return
  event.preventDefault()
  document.querySelector("#finder").showPopover()
})
