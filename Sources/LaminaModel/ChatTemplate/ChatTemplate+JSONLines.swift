package import LaminaJSON

// The line protocol of `lamina-llm-serve template --json-lines`, for tools that check a template.

extension ChatTemplate {
    /// Renders the conversation described by one line of JSON and gives the line to answer with.
    ///
    /// The line is an object with `messages`, and if wanted `tools`, `add_generation_prompt`, `bos_token`, `eos_token`;
    /// every other member is a variable of the template. The answer is the prompt as a JSON string, or an object with the
    /// member `error`.
    ///
    /// - Parameter now: what `strftime_now` reads.
    package func answer(toLine line: [UInt8], now: CalendarTime) -> JSONValue {
        do {
            let fields = try JSONFieldReader(try JSONValue(parsing: line))
            let messages = try fields.array("messages").map(\.value)
            let tools = try fields.optionalArray("tools")?.map(\.value)
            var variables = Variables(
                bosToken: try fields.optionalString("bos_token"), eosToken: try fields.optionalString("eos_token"))
            let known: Set = ["messages", "tools", "add_generation_prompt", "bos_token", "eos_token"]
            for member in fields.object where !known.contains(member.key) {
                variables.extra[member.key] = member.value
            }
            return .string(
                try render(
                    messages: messages, tools: tools,
                    addGenerationPrompt: try fields.optionalBool("add_generation_prompt") ?? false,
                    variables: variables, now: now))
        } catch {
            return ["error": .string("\(error)")]
        }
    }
}
