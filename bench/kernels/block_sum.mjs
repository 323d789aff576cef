export const tolerance = 16

export default ({ input }, { WG }, { partials: [blocks] }) => {
  const partials = new Float64Array(blocks)
  input.forEach((value, i) => {
    partials[Math.floor(i / WG)] += value
  })
  return partials
}
