// Chooses a model from a panel with a search; the plain list beside it is what is sent, and what asks the server.
class ModelPicker extends HTMLElement {
  connectedCallback() {
    this.addEventListener("input", event => event.target === this.search && this.filter())
    this.addEventListener("keydown", event => event.target === this.search && this.key(event))
    this.addEventListener("click", event => this.choose(event.target.closest("[role=option]")))
    // Ready before it is seen: a key pressed at once must not be undone by a late "toggle".
    this.addEventListener("beforetoggle", event => event.newState === "open" && this.open(), true)
    this.addEventListener("toggle", () => this.active?.scrollIntoView({ block: "nearest" }), true)
  }

  get search() {
    return this.querySelector("[type=search]")
  }

  get shown() {
    return [...this.querySelectorAll("[role=option]:not([hidden])")]
  }

  get active() {
    return this.shown.find(option => option.id === this.search.getAttribute("aria-activedescendant"))
  }

  open() {
    this.search.value = ""
    this.filter()
    this.point(this.shown.find(option => option.ariaSelected === "true"))
  }

  // Every word must be found in the model's name, its id or its relay's name.
  filter() {
    const words = this.search.value.toLowerCase().split(/\s+/)
    for (const option of this.querySelectorAll("[role=option]"))
      option.hidden = !words.every(word => option.dataset.words.includes(word))
    for (const group of this.querySelectorAll("[role=group]"))
      group.hidden = !group.querySelector("[role=option]:not([hidden])")
    this.querySelector("[role=listbox]").hidden = !this.shown.length
    this.querySelector(".picker__none").hidden = this.shown.length > 0
    this.search.ariaExpanded = String(this.shown.length > 0)
    this.point(this.shown[0])
  }

  point(option) {
    this.active?.classList.remove("pickable--active")
    option?.classList.add("pickable--active")
    if (option) this.search.setAttribute("aria-activedescendant", option.id)
    else this.search.removeAttribute("aria-activedescendant")
    option?.scrollIntoView({ block: "nearest" })
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey) return
    const options = this.shown
    const place = options.indexOf(this.active)
    const next = { ArrowDown: place + 1, ArrowUp: place - 1, PageDown: options.length - 1, PageUp: 0 }[event.key]
    if (next === undefined && event.key !== "Enter") return
    event.preventDefault()
    if (event.key === "Enter") this.choose(this.active)
    else this.point(options[Math.max(0, Math.min(next, options.length - 1))])
  }

  choose(option) {
    if (!option || option.ariaDisabled === "true") return
    const list = this.querySelector("select")
    this.querySelector("[popover]").hidePopover()
    if (list.value === option.dataset.value) return
    list.value = option.dataset.value
    list.dispatchEvent(new Event("change", { bubbles: true }))
  }
}

customElements.define("model-picker", ModelPicker)
