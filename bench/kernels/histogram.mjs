export default ({ words, bins }) => {
  const counts = bins.slice()
  for (const word of words) for (const shift of [0, 8, 16, 24]) counts[(word >>> shift) & 255]++
  return { bins: counts }
}
