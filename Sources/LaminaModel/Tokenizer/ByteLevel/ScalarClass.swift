/// What the pre-tokenizers' regular expressions ask of a character.
///
/// The regular expressions of the `tokenizers` library (0.23.3, Oniguruma) know Unicode 16.0. Characters of later
/// versions are therefore neither letters nor numbers here, although the standard library knows them: otherwise the
/// same text would give other tokens than the model was trained on.
struct ScalarClass: OptionSet, Sendable {
    let rawValue: UInt8

    /// `\p{L}`
    static let letter = ScalarClass(rawValue: 1)
    /// `\p{N}`
    static let number = ScalarClass(rawValue: 2)
    /// `\s`
    static let space = ScalarClass(rawValue: 4)
    /// `[\r\n]`
    static let newline = ScalarClass(rawValue: 8)
    /// `[\p{P}\$\+<=>\^~\|]`
    static let punctuation = ScalarClass(rawValue: 16)
    /// A number of whatever version the standard library knows. The library's `Digits` step asks Rust, not Oniguruma.
    static let digit = ScalarClass(rawValue: 32)

    /// The classes of U+0000 to U+FFFF, so that a lookup is one load.
    static let ofBasicPlane: [ScalarClass] = (0...UInt16.max).map { value in
        Unicode.Scalar(value).map(ScalarClass.init) ?? []
    }

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// The class of any character, by its Unicode properties: slow.
    init(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        let isKnown = properties.age.map { ($0.major, $0.minor) <= (16, 0) } ?? false
        var classes: ScalarClass = []
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
            if isKnown { classes = .letter }
        case .decimalNumber, .letterNumber, .otherNumber:
            classes = isKnown ? [.number, .digit] : .digit
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            if isKnown { classes = .punctuation }
        default:
            if "$+<=>^~|".unicodeScalars.contains(scalar) { classes = .punctuation }
        }
        if properties.isWhitespace { classes.insert(.space) }
        if scalar == "\r" || scalar == "\n" { classes.insert(.newline) }
        self = classes
    }
}
