// Where windows lie on an axis of an image: window o has its tap k at pixel o·stride + k·dilation − padding. An axis is
// (windows, pixels, taps, stride). Four at a time; −1 where there is none.

fn pixel_of(window: vec4<i32>, k: u32, axis: vec4<u32>, padding: i32, dilation: i32) -> vec4<i32> {
  let pixel = window * i32(axis.w) + (i32(k) * dilation - padding);
  return select(vec4<i32>(-1), pixel, (pixel >= vec4<i32>()) & (pixel < vec4<i32>(i32(axis.y))));
}

// The window whose tap k lies on the pixel.
fn window_of(pixel: vec4<i32>, k: u32, axis: vec4<u32>, padding: i32, dilation: i32) -> vec4<i32> {
  let first = pixel - (i32(k) * dilation - padding);
  let window = first / i32(axis.w);
  let fits = (first >= vec4<i32>()) & (window * i32(axis.w) == first) & (window < vec4<i32>(i32(axis.x)));
  return select(vec4<i32>(-1), window, fits);
}
