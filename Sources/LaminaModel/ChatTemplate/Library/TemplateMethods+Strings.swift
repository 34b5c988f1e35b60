// The methods of texts.

extension TemplateMethods {
    typealias StringMethod = @Sendable (TemplateString, TemplateArguments, TemplateEvaluator) throws -> TemplateValue

    static let ofStrings: [String: StringMethod] = withoutArguments.mapValues { method -> StringMethod in
        { @Sendable text, arguments, _ in
            guard arguments.positional.isEmpty, arguments.keyword.isEmpty else {
                throw TemplateFailure.evaluation("the method takes no arguments")
            }
            return method(text)
        }
    }.merging(withArguments) { first, _ in first }

    private static let withoutArguments: [String: @Sendable (TemplateString) -> TemplateValue] = [
        "upper": { .string($0.uppercased()) },
        "lower": { .string($0.lowercased()) },
        "casefold": { .string($0.lowercased()) },
        "capitalize": { .string($0.capitalized()) },
        "title": { .string($0.titlecased { !$0.properties.isCased }) },
        "swapcase": { .string($0.mapScalars { $1.swappedCase }) },
        "isdigit": { all($0) { $0.properties.numericType == .decimal || $0.properties.numericType == .digit } },
        "isdecimal": { all($0) { $0.properties.numericType == .decimal } },
        "isnumeric": { all($0) { $0.properties.numericType != nil } },
        "isalpha": { all($0) { $0.isLetter } },
        "isalnum": { all($0) { $0.isLetter || $0.properties.numericType != nil } },
        "isspace": { all($0) { $0.isPythonWhitespace } },
        "isascii": { .bool($0.scalars.allSatisfy(\.isASCII)) },
        "isupper": { text in
            .bool(
                text.scalars.contains(where: \.properties.isUppercase)
                    && !text.scalars.contains(where: \.properties.isLowercase))
        },
        "islower": { text in
            .bool(
                text.scalars.contains(where: \.properties.isLowercase)
                    && !text.scalars.contains(where: \.properties.isUppercase))
        },
    ]

    private static let withArguments: [String: StringMethod] = [
        "strip": { text, arguments, _ in .string(text.stripped(of: try characters(arguments, "strip"))) },
        "lstrip": { text, arguments, _ in
            .string(text.stripped(of: try characters(arguments, "lstrip"), atEnd: false))
        },
        "rstrip": { text, arguments, _ in
            .string(text.stripped(of: try characters(arguments, "rstrip"), atStart: false))
        },
        "split": split, "rsplit": splitFromEnd, "splitlines": splitLines, "partition": partition,
        "rpartition": partitionFromEnd, "replace": replace, "join": join, "startswith": startsWith,
        "endswith": endsWith, "find": find, "rfind": findFromEnd, "index": index, "rindex": indexFromEnd,
        "count": count, "removeprefix": removePrefix, "removesuffix": removeSuffix, "zfill": zeroFill,
        "ljust": { try justify($0, $1, $2, fillsLeft: false, fillsRight: true) },
        "rjust": { try justify($0, $1, $2, fillsLeft: true, fillsRight: false) },
        "center": { try justify($0, $1, $2, fillsLeft: true, fillsRight: true) },
    ]

    private static func all(_ text: TemplateString, _ condition: (Unicode.Scalar) -> Bool) -> TemplateValue {
        .bool(!text.isEmpty && text.scalars.allSatisfy(condition))
    }

    private static func characters(_ arguments: TemplateArguments, _ name: String) throws -> TemplateString? {
        switch try arguments.bind(["characters"], to: name)[0] {
        case nil, .some(.none): nil
        case .some(let value): try value.requireText("the argument of '\(name)'")
        }
    }

    /// An argument as a text.
    static func text(_ values: [TemplateValue?], _ position: Int, _ name: String) throws -> TemplateString {
        guard let value = values[position] else { throw TemplateFailure.evaluation("'\(name)' needs an argument") }
        return try value.requireText("the argument of '\(name)'")
    }

    private static func separator(
        _ arguments: TemplateArguments, _ name: String
    ) throws -> (separator: TemplateString?, limit: Int) {
        let values = try arguments.bind(["sep", "maxsplit"], to: name)
        let limit = try values[1]?.requireInteger("'maxsplit'") ?? -1
        switch values[0] {
        case nil, .some(.none): return (nil, limit < 0 ? .max : limit)
        case .some(let value):
            let separator = try value.requireText("the separator")
            guard !separator.isEmpty else { throw TemplateFailure.evaluation("the separator is empty") }
            return (separator, limit < 0 ? .max : limit)
        }
    }

    private static func texts(_ pieces: [TemplateString]) -> TemplateValue {
        .list(pieces.map { .string($0) })
    }

    private static let split: StringMethod = { text, arguments, _ in
        let (separator, limit) = try separator(arguments, "split")
        return texts(separator.map { text.split($0, limit: limit) } ?? text.splitAtWhitespace(limit: limit))
    }

    private static let splitFromEnd: StringMethod = { text, arguments, _ in
        let (separator, limit) = try separator(arguments, "rsplit")
        if let separator { return texts(text.splitFromEnd(separator, limit: limit)) }
        guard limit == .max else { throw TemplateFailure.unsupported("'rsplit' at white space with a limit") }
        return texts(text.splitAtWhitespace(limit: limit))
    }

    private static let splitLines: StringMethod = { text, arguments, _ in
        let keepsEnds = try arguments.bind(["keepends"], to: "splitlines")[0]?.isTruthy ?? false
        return texts(text.lines(keepsEnds: keepsEnds))
    }

    private static let partition: StringMethod = { text, arguments, _ in
        let separator = try Self.text(try arguments.bind(["sep"], to: "partition"), 0, "partition")
        return triple(text, text.ranges(of: separator, limit: 1).first, before: true)
    }

    private static let partitionFromEnd: StringMethod = { text, arguments, _ in
        let separator = try Self.text(try arguments.bind(["sep"], to: "rpartition"), 0, "rpartition")
        return triple(text, text.rangesFromEnd(of: separator, limit: 1).first, before: false)
    }

    private static func triple(_ text: TemplateString, _ match: Range<Int>?, before: Bool) -> TemplateValue {
        guard let match else {
            let empty = TemplateString()
            return tuple(before ? [text, empty, empty] : [empty, empty, text])
        }
        return tuple([
            text.slice(0..<match.lowerBound), text.slice(match), text.slice(match.upperBound..<text.count),
        ])
    }

    private static func tuple(_ texts: [TemplateString]) -> TemplateValue {
        .tuple(TemplateList(texts.map { .string($0) }))
    }

    private static let replace: StringMethod = { text, arguments, evaluator in
        let values = try arguments.bind(["old", "new", "count"], to: "replace")
        let limit = try values[2]?.requireInteger("'count'") ?? -1
        return .string(
            try evaluator.replace(
                try Self.text(values, 0, "replace"), in: text, with: try Self.text(values, 1, "replace"), limit: limit))
    }

    private static let join: StringMethod = { text, arguments, evaluator in
        guard let value = try arguments.bind(["iterable"], to: "join")[0] else {
            throw TemplateFailure.evaluation("'join' needs an argument")
        }
        let pieces = try evaluator.items(of: value).map { try $0.requireText("an element of 'join'") }
        return .string(try evaluator.join(pieces, with: text))
    }

    private static let count: StringMethod = { text, arguments, _ in
        let needle = try Self.text(try arguments.bind(["sub"], to: "count"), 0, "count")
        return .integer(needle.isEmpty ? text.count + 1 : text.ranges(of: needle).count)
    }

    private static let removePrefix: StringMethod = { text, arguments, _ in
        let prefix = try Self.text(try arguments.bind(["prefix"], to: "removeprefix"), 0, "removeprefix")
        return .string(text.hasPrefix(prefix) ? text.slice(prefix.count..<text.count) : text)
    }

    private static let removeSuffix: StringMethod = { text, arguments, _ in
        let suffix = try Self.text(try arguments.bind(["suffix"], to: "removesuffix"), 0, "removesuffix")
        return .string(text.hasSuffix(suffix) ? text.slice(0..<text.count - suffix.count) : text)
    }

    private static let zeroFill: StringMethod = { text, arguments, evaluator in
        let width = try width(try arguments.bind(["width"], to: "zfill"))
        let hasSign = text.scalars.first == "-" || text.scalars.first == "+"
        var result = hasSign ? text.slice(0..<1) : TemplateString()
        result.append(try evaluator.filling(with: TemplateString("0", isTrusted: true), count: width - text.count))
        result.append(hasSign ? text.slice(1..<text.count) : text)
        return .string(result)
    }

    private static func width(_ values: [TemplateValue?]) throws -> Int {
        guard let width = values[0] else { throw TemplateFailure.evaluation("the width is missing") }
        return try width.requireInteger("the width")
    }

    private static func justify(
        _ text: TemplateString, _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator, fillsLeft: Bool,
        fillsRight: Bool
    ) throws -> TemplateValue {
        let values = try arguments.bind(["width", "fillchar"], to: "justify")
        let width = try width(values)
        let filler = try values[1]?.requireText("the filler") ?? TemplateString(" ", isTrusted: true)
        guard filler.count == 1 else { throw TemplateFailure.evaluation("the filler must be one character") }
        let missing = max(0, width.subtractingReportingOverflow(text.count).partialValue)
        // As CPython's str.center: an odd surplus goes left only if the width is odd too.
        let left = fillsLeft ? (fillsRight ? missing / 2 + (missing & width & 1) : missing) : 0
        var result = try evaluator.filling(with: filler, count: left)
        result.append(text)
        result.append(try evaluator.filling(with: filler, count: missing - left))
        return .string(result)
    }
}

extension Unicode.Scalar {
    fileprivate var swappedCase: String {
        properties.isUppercase ? properties.lowercaseMapping : properties.uppercaseMapping
    }

    /// What Python's `str.isalpha` accepts.
    fileprivate var isLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }
}
