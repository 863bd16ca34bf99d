import fc from "fast-check";

/** Texts that try to be anything but one word of a configuration. */
export const configText = () =>
  fc.oneof(
    fc
      .array(
        fc.constantFrom(
          ..."\\ \"'${};#\t\r\n()|~*^[].=:/,aZ0é\u{1f980}\u2028\ufeff\u007f\u0001".match(/./gsu)!,
          "${",
          "$a",
          "\\n",
          '\\"',
          "default",
          "include",
          "hostnames",
          "volatile",
          "lua",
        ),
        { maxLength: 12 },
      )
      .map((parts) => parts.join("")),
    fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replaceAll("\0", "")),
  );
