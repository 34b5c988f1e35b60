import ArgumentParser
import FoundationEssentials

/// Reads an option, or else its environment variable, `LAMINA_` and the option's name in capitals: `--idle-timeout` or
/// `LAMINA_IDLE_TIMEOUT`.
struct OptionReader {
    /// What was given, and what the user calls it.
    struct Given {
        /// The option or the variable.
        let source: String
        let text: String
    }

    /// All variables of the process.
    let environment: [String: String]
    /// What counts where neither option nor variable says anything, by the options' names.
    private var fallbacks: [String: Given] = [:]

    private static let secondsInADay = 86_400

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.environment = environment
    }

    /// A reader that asks `fallbacks` last.
    func fallingBack(on fallbacks: [String: Given]) -> OptionReader {
        var reader = self
        reader.fallbacks = fallbacks
        return reader
    }

    /// What was given as the option `--name`, else as its variable; nil where nothing was.
    func given(_ option: (some LosslessStringConvertible)?, _ name: String) -> Given? {
        if let option { return Given(source: "--\(name)", text: "\(option)") }
        return variable("LAMINA_" + name.uppercased().replacing("-", with: "_")) ?? fallbacks[name]
    }

    /// A whole number.
    ///
    /// - Throws: `ValidationError` where it is none, or not in the range.
    func number(_ option: Int?, _ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let given = given(option, name) else { return nil }
        guard let number = Int(given.text), range.contains(number) else {
            throw ValidationError(
                "\(given.source) must be \(range.lowerBound) to \(range.upperBound), not '\(given.text)'.")
        }
        return number
    }

    /// Hands over a time of up to a day, given in seconds.
    ///
    /// - Throws: `ValidationError`.
    func seconds(_ option: Int?, _ name: String, from least: Int = 1, _ use: (Duration) -> Void) throws {
        if let number = try number(option, name, least...Self.secondsInADay) { use(.seconds(number)) }
    }

    /// A number of bytes.
    ///
    /// - Throws: `ValidationError`.
    func bytes(_ option: MemorySize?, _ name: String) throws -> Int? {
        if let option { return option.bytes }
        guard let given = given(String?.none, name) else { return nil }
        guard let size = MemorySize(argument: given.text) else {
            throw ValidationError("\(given.source) must be a number of bytes such as 8M, not '\(given.text)'.")
        }
        return size.bytes
    }

    /// One of a few words.
    ///
    /// - Throws: `ValidationError` for another.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ option: String?, _ name: String, of type: Choice.Type = Choice.self
    ) throws -> Choice? where Choice.RawValue == String {
        guard let given = given(option, name) else { return nil }
        guard let choice = Choice(rawValue: given.text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(given.source) must be one of \(known), not '\(given.text)'.")
        }
        return choice
    }

    /// The values of an option that may be repeated; its variable has commas between them.
    ///
    /// - Parameter variable: the variable, where it has another name than the option.
    func list(_ options: [String], _ name: String, variable: String? = nil) -> [Given] {
        guard options.isEmpty else { return options.map { Given(source: "--\(name)", text: $0) } }
        guard let given = variable.map({ self.variable($0) }) ?? given(String?.none, name) else { return [] }
        return given.text.split(separator: ",").map { Given(source: given.source, text: String($0.trimmed)) }
    }

    /// Whether a flag is set, by itself or by `true` in the environment.
    ///
    /// - Throws: `ValidationError` where the variable is neither `true` nor `false`.
    func flag(_ isSet: Bool, _ name: String) throws -> Bool {
        try isSet || switched(name) ?? false
    }

    /// What the variable of a flag says; nil where it says nothing.
    ///
    /// - Throws: `ValidationError` where it is neither `true` nor `false`.
    func switched(_ name: String) throws -> Bool? {
        guard let given = given(String?.none, name) else { return nil }
        guard let value = Bool(given.text) else {
            throw ValidationError("\(given.source) must be true or false, not '\(given.text)'.")
        }
        return value
    }

    private func variable(_ name: String) -> Given? {
        environment[name].map { Given(source: name, text: $0) }
    }
}

extension Substring {
    /// Without the spaces around it.
    fileprivate var trimmed: Substring {
        var text = drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }
}
