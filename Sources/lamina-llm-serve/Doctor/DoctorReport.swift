import LaminaJSON
import LaminaKernels
import LaminaServer

/// What `doctor` prints.
struct DoctorReport {
    let findings: [Finding]

    /// A paragraph for each finding, wrapped to a width, and a line that counts them.
    func text(width: Int) -> String {
        let areaWidth = findings.map(\.area.rawValue.count).max() ?? 0
        let levelWidth = Finding.Level.allCases.map(\.rawValue.count).max() ?? 0
        let indent = 2 + levelWidth + 2 + areaWidth + 2
        var text = ""
        for finding in findings {
            let margin =
                "  \(finding.level.rawValue.padded(to: levelWidth))  \(finding.area.rawValue.padded(to: areaWidth))  "
            text += margin + Self.wrapped(finding.seen, width: width - indent, indent: indent) + "\n"
            if let advice = finding.advice {
                let mark = "→ "
                text += String(repeating: " ", count: indent) + mark
                text += Self.wrapped(advice, width: width - indent - mark.count, indent: indent + mark.count) + "\n"
            }
        }
        return text + "\n\(summary)\n"
    }

    /// An object with the findings and the number of each level.
    var json: String {
        var counts = JSONObject()
        for level in Finding.Level.allCases { counts[level.rawValue] = .integer(Int64(count(level))) }
        let value: JSONValue = [
            "version": .string(BuildInfo.version), "instruction_set": .string(InstructionSet.name),
            "counts": .object(counts), "findings": .array(findings.map(\.json)),
        ]
        return JSONWriter.text(of: value) + "\n"
    }

    private var summary: String {
        let parts = [(Finding.Level.error, "error"), (.warning, "warning"), (.note, "note")].map { level, name in
            let count = count(level)
            return count == 1 ? "1 \(name)" : "\(count == 0 ? "no" : "\(count)") \(name)s"
        }
        return parts.joined(separator: ", ")
    }

    private func count(_ level: Finding.Level) -> Int { findings.count { $0.level == level } }

    /// Lines of at most `width` characters, but for words that are longer; all but the first are indented.
    static func wrapped(_ text: String, width: Int, indent: Int) -> String {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] += " \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.joined(separator: "\n" + String(repeating: " ", count: indent))
    }
}

extension Finding {
    fileprivate var json: JSONValue {
        var object = JSONObject()
        object["area"] = .string(area.rawValue)
        object["level"] = .string(level.rawValue)
        object["seen"] = .string(seen)
        object["advice"] = advice.map { .string($0) }
        return .object(object)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
