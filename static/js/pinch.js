// Two fingers: calls begin() when the second one comes, then move(factor, centre, moved) with how far they have spread
// since, the point between them, and how far that point has moved since the last call.
export function onPinch(element, { begin, move }) {
  let spread = 0
  let last

  element.addEventListener("touchstart", event => {
    if (event.touches.length !== 2) return
    spread = distance(event.touches)
    last = middle(event.touches)
    begin()
  }, { passive: true })

  element.addEventListener("touchmove", event => {
    if (event.touches.length !== 2 || !spread) return
    event.preventDefault()
    const centre = middle(event.touches)
    move(distance(event.touches) / spread, centre, { x: centre.clientX - last.clientX, y: centre.clientY - last.clientY })
    last = centre
  }, { passive: false })

  element.addEventListener("touchend", event => {
    if (event.touches.length < 2) spread = 0
  }, { passive: true })
}

const distance = ([one, two]) => Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY)
const middle = ([one, two]) => ({ clientX: (one.clientX + two.clientX) / 2, clientY: (one.clientY + two.clientY) / 2 })
