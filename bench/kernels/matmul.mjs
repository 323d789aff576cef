export default function ({ A, B }, { M, N, K }) {
  const C = new Float64Array(M * N)
  for (let i = 0; i < M; i++) {
    for (let j = 0; j < N; j++) {
      for (let k = 0; k < K; k++) C[i * N + j] += A[i * K + k] * B[k * N + j]
    }
  }
  return { C }
}
