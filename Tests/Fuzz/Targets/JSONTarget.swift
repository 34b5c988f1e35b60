import LaminaJSON

/// JSON texts: what is accepted reads the same again when it is written, in every style.
enum JSONTarget {
    static func check(_ bytes: [UInt8]) {
        guard let value = try? JSONValue(parsing: bytes) else { return }
        for style in [JSONStyle.compact, .python, .indented(by: 2)] {
            let text = JSONWriter.bytes(of: value, style: style)
            guard let again = try? JSONValue(parsing: text) else {
                fatalError("written and refused: \(String(decoding: text, as: UTF8.self))")
            }
            expect(again == value, "\(again) was \(value)")
            expect(JSONWriter.bytes(of: again, style: style) == text, "written differently the second time")
        }
    }
}
