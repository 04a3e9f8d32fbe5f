// Keeps the page short however far the list is scrolled: rows far above or below are taken out, a gap as high stands in
// their place, and they come back before they are seen. The list tells of it with the event "rows:back".
const FAR = 3 // screens beyond which rows leave
const NEAR = 1.5 // screens within which they come back

export class Rows {
  constructor(list) {
    this.list = list
    this.above = new Gap()
    this.below = new Gap()
  }

  // Bring back what is near, take out what is far.
  keep() {
    while (this.above.isThere && bottom(this.above.element) > -NEAR * innerHeight) this.backAbove()
    while (this.below.isThere && top(this.below.element) < (1 + NEAR) * innerHeight) this.backBelow()
    const starts = this.starts()
    const first = starts.findLast(each => top(each) < -FAR * innerHeight)
    if (first && top(first) - top(starts[0]) > innerHeight) this.takeAbove(starts[0], first)
    const last = starts.find(each => top(each) > (1 + FAR) * innerHeight)
    if (last && top(starts.at(-1)) - top(last) > innerHeight) this.takeBelow(last)
  }

  // Bring back everything as far as this element; returns it, or nothing when the list never had it.
  bring(id) {
    while (this.above.holds(id)) this.backAbove()
    while (this.below.holds(id)) this.backBelow()
    return document.getElementById(id)
  }

  // The elements that begin a row: days, and tiles that stand lower than the one before.
  starts() {
    let reached = -Infinity
    return [...this.list.querySelectorAll(":scope > :is(.tile, .day)")].filter(each => {
      const begins = top(each) > reached + 1
      if (begins) reached = top(each)
      return begins
    })
  }

  takeAbove(first, rest) {
    const height = top(rest) - top(first)
    const range = new Range()
    this.above.isThere ? range.setStartAfter(this.above.element) : range.setStart(this.list, 0)
    range.setEndBefore(rest)
    this.above.take(range, height)
    rest.before(this.above.element)
  }

  takeBelow(first) {
    const older = this.list.querySelector(":scope > .rows__older")
    const end = this.below.isThere ? this.below.element : older
    const height = (this.below.isThere ? top(end) : bottom(this.list)) - top(first)
    const range = new Range()
    range.setStartBefore(first)
    end ? range.setEndBefore(end) : range.setEnd(this.list, this.list.childNodes.length)
    this.below.take(range, height)
    end ? end.before(this.below.element) : this.list.append(this.below.element)
  }

  // What is on the screen stays where it is, also when the window has another width than when the rows left.
  backAbove() {
    const [seen, gap] = [this.above.element.nextElementSibling, this.above.element]
    const was = seen && bottom(gap)
    const rows = this.above.back()
    gap.after(rows)
    if (!this.above.isThere) gap.remove()
    if (seen) scrollBy({ top: top(seen) - was, behavior: "instant" })
    this.tell()
  }

  backBelow() {
    this.below.element.before(this.below.back())
    if (!this.below.isThere) this.below.element.remove()
    this.tell()
  }

  tell() {
    window.htmx?.process(this.list)
    this.list.dispatchEvent(new Event("rows:back", { bubbles: true }))
  }
}

// Rows that were taken out one after the other, nearest last, and the element that is as high as all of them.
class Gap {
  pieces = []
  element = Object.assign(document.createElement("div"), { className: "rows__gap", ariaHidden: "true" })

  get isThere() {
    return this.pieces.length > 0
  }

  holds(id) {
    return this.pieces.some(piece => piece.html.includes(`id="${id}"`))
  }

  take(range, height) {
    const taken = range.extractContents()
    for (const box of taken.querySelectorAll("input")) box.toggleAttribute("checked", box.checked)
    const html = [...taken.children].map(each => each.outerHTML).join("")
    this.pieces.push({ html, height, page: this.element.dataset.page })
    this.stand([...taken.querySelectorAll("[data-page]")].at(-1)?.dataset.page ?? this.element.dataset.page)
  }

  back() {
    const { html, page } = this.pieces.pop()
    this.stand(page)
    const template = document.createElement("template")
    template.innerHTML = html
    return template.content
  }

  // The page whose pictures follow is known to whoever looks for it above them.
  stand(page) {
    if (page) this.element.dataset.page = page
    else delete this.element.dataset.page
    this.element.style.setProperty("--height", this.pieces.reduce((sum, piece) => sum + piece.height, 0))
  }
}

const top = element => element.getBoundingClientRect().top
const bottom = element => element.getBoundingClientRect().bottom
