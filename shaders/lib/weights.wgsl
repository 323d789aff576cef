// Elements of a kernel's operand b, of which HALF is the format (lib/half); 0: float32. The switch is folded when the
// pipeline is made. Needs of the kernel the binding `weights`, b's words, and lib/half.

override HALF: u32 = 0u;

fn weight(i: i32) -> f32 {
  switch HALF {
    case FLOAT16: {
      let pair = unpack2x16float(weights[i / 2]);
      return select(pair.x, pair.y, (i & 1) == 1);
    }
    case BFLOAT16: { return bitcast<f32>(half_of(weights[i / 2], u32(i)) << 16u); }
    default: { return bitcast<f32>(weights[i]); }
  }
}
