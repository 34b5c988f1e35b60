/// A line of a YAML document that says something.
struct YAMLLine {
    /// Counted from 1.
    let number: Int
    /// Spaces in front.
    var indentation: Int
    /// The rest, without comment and the spaces before it.
    var text: Substring

    /// Whether it begins an entry of a sequence.
    var isEntry: Bool { text == "-" || text.hasPrefix("- ") }

    /// The lines of a document without empty ones, comments and the marker `---` of its beginning.
    ///
    /// - Throws: `YAMLError` for tabs in the indentation, directives and a second document.
    static func lines(of document: String) throws(YAMLError) -> [YAMLLine] {
        var lines: [YAMLLine] = []
        var hasMarker = false
        for (index, whole) in document.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
        {
            let number = index + 1
            let text = withoutComment(whole)
            let content = text.drop { $0 == " " }
            guard !content.isEmpty else { continue }
            if content.first == "\t" { throw YAMLError(line: number, problem: "a tab; indent with spaces") }
            if text == "---" {
                guard !hasMarker, lines.isEmpty else { throw YAMLError(line: number, problem: "a second document") }
                hasMarker = true
                continue
            }
            if text.hasPrefix("%") { throw YAMLError(line: number, problem: "directives are not supported") }
            if text == "..." {
                throw YAMLError(line: number, problem: "the end of the document is the end of the file")
            }
            lines.append(
                YAMLLine(
                    number: number, indentation: text.distance(from: text.startIndex, to: content.startIndex),
                    text: content))
        }
        return lines
    }

    /// A comment begins with `#` after a space, outside of quotes (YAML 1.2.2, 6.6).
    private static func withoutComment(_ line: Substring) -> Substring {
        var quote: Character?
        var previous: Character = " "
        var end = line.endIndex
        var isEscaped = false
        for index in line.indices {
            let character = line[index]
            if let open = quote {
                if isEscaped {
                    isEscaped = false
                } else if open == "\"", character == "\\" {
                    isEscaped = true
                } else if character == open {
                    quote = nil
                }
            } else if character == "#", previous == " " || previous == "\t" {
                end = index
                break
            } else if character == "\"" || character == "'", opensQuote(after: previous) {
                quote = character
            }
            previous = character
        }
        var text = line[..<end]
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }

    /// In the middle of a word a quote is a character like others.
    private static func opensQuote(after character: Character) -> Bool { " [,".contains(character) }
}
