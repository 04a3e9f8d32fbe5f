// Tiles behind a button: it says and draws what is chosen, and a click on a tile of a single list closes the panel.
class FoldChoice extends HTMLElement {
  connectedCallback() {
    this.addEventListener("change", () => this.show())
    this.addEventListener("input", () => this.show())
    this.addEventListener("click", event => this.chose(event))
    this.addEventListener("keydown", event => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return
      if (!event.target.closest("[popover]")) return
      event.preventDefault()
      this.panel.hidePopover()
    })
  }

  get panel() {
    return this.querySelector("[popover]")
  }

  get checked() {
    return [...this.querySelectorAll("label:has(:checked)")]
  }

  show() {
    const said = this.checked.map(label => label.dataset.face ?? this.own()).filter(Boolean)
    const face = this.querySelector("[data-shows]")
    face.textContent = said.join(", ") || face.dataset.shows
    const shape = this.checked.map(label => label.querySelector(".glyph")).find(Boolean)
    const glyph = this.querySelector("button .glyph")
    glyph.hidden = !shape
    if (shape) glyph.style.setProperty("--shape", shape.style.getPropertyValue("--shape"))
  }

  own() {
    const sides = ["width", "height"].map(side => this.querySelector(`[name=size_${side}]`)?.value || "?")
    return sides.join("×")
  }

  // Arrow keys click too, but without a pointer, so they walk on with the panel open.
  chose(event) {
    const label = event.target.closest("label")
    if (!label || !event.detail || label.querySelector("[value=own]")) return
    if (this.querySelectorAll("fieldset.shapes").length === 1) this.panel.hidePopover()
  }
}

customElements.define("fold-choice", FoldChoice)
