// Windows of pooling. An axis is (windows, pixels, taps, stride): window o has its taps at o·stride + k·dilation −
// padding, or with ADAPTIVE = 1 takes all of [⌊o·pixels/windows⌋, ⌈(o + 1)·pixels/windows⌉).

override ADAPTIVE: u32 = 0u;
// 1: what an average divides by counts padding too, but not what hangs over beyond it.
override PADDED: u32 = 0u;

// [begin, end) of a window, not yet clipped to the image.
fn range_of(o: u32, axis: vec4<u32>, padding: i32, dilation: i32) -> vec2<i32> {
  if (ADAPTIVE == 1u) {
    return vec2<i32>(i32(o * axis.y / axis.x), i32(((o + 1u) * axis.y + axis.x - 1u) / axis.x));
  }
  let begin = i32(o * axis.w) - padding;
  return vec2<i32>(begin, begin + i32(axis.z - 1u) * dilation + 1);
}

// [first, end) of the windows in whose range a pixel is.
fn windows_over(pixel: u32, axis: vec4<u32>, padding: i32, dilation: i32) -> vec2<u32> {
  if (ADAPTIVE == 1u) {
    return vec2<u32>(pixel * axis.x / axis.y, ((pixel + 1u) * axis.x + axis.y - 1u) / axis.y);
  }
  let at = i32(pixel) + padding;
  let stride = i32(axis.w);
  let first = (at - i32(axis.z - 1u) * dilation + stride - 1) / stride;
  return vec2<u32>(u32(max(first, 0)), min(u32(at / stride) + 1u, axis.x));
}

// How long a window is, for averages.
fn extent(range: vec2<i32>, axis: vec4<u32>, padding: i32) -> i32 {
  let size = i32(axis.y);
  if (PADDED == 1u) { return min(range.y, size + padding) - range.x; }
  return min(range.y, size) - max(range.x, 0);
}
