// Addresses in the two views of a copy, in elements: (dst, src). Needs of the kernel its params.

// What is left of an element's number, the dims gone through, and the two addresses so far.
struct Walk { rest: u32, span: u32, dst: i32, src: i32 }

// Take four dims off, the last first. Dims of one and the outermost need no division, and software adapters divide lane
// by lane; the branches are the same for all threads.
fn take(from_walk: Walk, shape: vec4<u32>, dst: vec4<i32>, src: vec4<i32>) -> Walk {
  var walk = from_walk;
  for (var k = 3; k >= 0; k--) {
    let n = shape[k];
    if (n == 1u) { continue; }
    walk.span *= n;
    var i = walk.rest;
    if (walk.span < p.size) {
      walk.rest /= n;
      i -= walk.rest * n;
    }
    walk.dst += i32(i) * dst[k];
    walk.src += i32(i) * src[k];
  }
  return walk;
}

// Element e of up to eight axes.
fn place(e: u32) -> vec2<i32> {
  var walk = take(Walk(e, 1u, p.dst_offset, p.src_offset), p.shape_hi, p.dst_hi, p.src_hi);
  if (walk.span < p.size) { walk = take(walk, p.shape_lo, p.dst_lo, p.src_lo); }
  return vec2<i32>(walk.dst, walk.src);
}
