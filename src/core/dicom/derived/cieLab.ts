/**
 * An sRGB colour as PCS values (PS3.3, C.10.7.1.1): CIELab with the D50 white point, L of 0 to 100 and a, b of
 * −128 to 127 each stretched over 16 bits.
 */
export function cieLab(rgb: readonly [number, number, number]): [number, number, number] {
  const [r, g, b] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  // sRGB to XYZ, adapted to D50 (Bradford), over the white point.
  const x = (0.4360747 * r + 0.3850649 * g + 0.1430804 * b) / 0.9642;
  const y = 0.2225045 * r + 0.7168786 * g + 0.0606169 * b;
  const z = (0.0139322 * r + 0.0971045 * g + 0.7141733 * b) / 0.8249;
  const f = (t: number) => (t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29);
  const to16 = (value: number, low: number, high: number) =>
    Math.max(0, Math.min(65535, Math.round(((value - low) / (high - low)) * 65535)));
  return [
    to16(116 * f(y) - 16, 0, 100),
    to16(500 * (f(x) - f(y)), -128, 127),
    to16(200 * (f(y) - f(z)), -128, 127),
  ];
}

/** The sRGB colour of PCS values, 0 to 255 each; what lies outside sRGB is cut to it. The inverse of `cieLab`. */
export function rgbOfCieLab(lab: readonly [number, number, number]): [number, number, number] {
  const from16 = (value: number, low: number, high: number) => low + (value / 65535) * (high - low);
  const fy = (from16(lab[0], 0, 100) + 16) / 116;
  const fx = fy + from16(lab[1], -128, 127) / 500;
  const fz = fy - from16(lab[2], -128, 127) / 200;
  const t = (f: number) => (f > 6 / 29 ? f ** 3 : 3 * (6 / 29) ** 2 * (f - 4 / 29));
  const [x, y, z] = [t(fx) * 0.9642, t(fy), t(fz) * 0.8249];
  // The inverse of the matrix above.
  const linear = [
    3.1338561 * x - 1.6168667 * y - 0.4906146 * z,
    -0.9787684 * x + 1.9161415 * y + 0.033454 * z,
    0.0719453 * x - 0.2289914 * y + 1.4052427 * z,
  ] as const;
  return linear.map((value) => {
    const share = value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055;
    return Math.max(0, Math.min(255, Math.round(share * 255)));
  }) as [number, number, number];
}
