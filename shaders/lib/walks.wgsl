// How the matrices of attention and of rope lie: an operand's walk is where it begins, the strides of two batch axes,
// of which the second has p.inner matrices of queries, and that of rows. Elements of a row follow each other. Needs of
// the kernel its params.

// Where matrix t of queries begins.
fn of_queries(walk: vec4<i32>, t: u32) -> i32 {
  return walk.x + i32(t / p.inner) * walk.y + i32(t % p.inner) * walk.z;
}

// Where row i of a matrix begins.
fn row_of(walk: vec4<i32>, matrix: i32, i: u32) -> u32 {
  return u32(matrix + i32(i) * walk.w);
}
