export default ({ x, y }, { a }) => ({ y: y.map((value, i) => a * x[i] + value) })
