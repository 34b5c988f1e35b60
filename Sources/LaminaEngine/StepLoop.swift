import LaminaModel

/// The engine's own thread: collect, schedule, forward, sample, commit, tell.
final class StepLoop {
    private struct Active {
        var sampler: Sampler
        let events: AsyncStream<TokenEvent>.Continuation
        let submittedAt: ContinuousClock.Instant
    }

    private let transformer: Transformer
    private var scheduler: Scheduler
    private let mailbox: Mailbox
    private let report: @Sendable (StepReport) -> Void
    private var active: [SequenceID: Active] = [:]
    private let clock = ContinuousClock()

    init(
        transformer: Transformer, scheduler: Scheduler, mailbox: Mailbox,
        report: @escaping @Sendable (StepReport) -> Void
    ) {
        self.transformer = transformer
        self.scheduler = scheduler
        self.mailbox = mailbox
        self.report = report
    }

    /// Steps until the mailbox says stop.
    func run() {
        while true {
            let mail = mailbox.collect(isIdle: scheduler.isIdle)
            var changes = StepReport()
            take(mail, &changes)
            if mail.isStopping { return end(changes) }
            guard !scheduler.isIdle else {
                if !mail.endings.isEmpty { publish(changes) }
                continue
            }
            step(&changes)
            publish(changes)
        }
    }

    private func take(_ mail: Mailbox.Mail, _ changes: inout StepReport) {
        for submission in mail.submissions {
            scheduler.add(submission.state)
            active[submission.state.id] = Active(
                sampler: submission.sampler, events: submission.events, submittedAt: submission.submittedAt)
        }
        for (id, reason) in mail.endings where scheduler.remove(id) { finish(id, reason, &changes) }
        let now = clock.now
        for id in scheduler.admit() {
            if let sequence = active[id] { changes.queueWaits.append(sequence.submittedAt.duration(to: now)) }
        }
    }

    private func step(_ changes: inout StepReport) {
        let start = clock.now
        let step = scheduler.schedule()
        transformer.forward(step.batch)
        changes.promptTokens = step.promptTokens
        for outcome in scheduler.commit(step, sampled: sample(step)) {
            changes.generatedTokens += 1
            if let token = outcome.token { active[outcome.id]?.events.yield(.token(token)) }
            if let reason = outcome.finished { finish(outcome.id, reason, &changes) }
        }
        changes.stepDuration = start.duration(to: clock.now)
    }

    /// A token for each slice that wants logits.
    private func sample(_ step: Scheduler.Step) -> [TokenID] {
        var tokens: [TokenID] = []
        for (part, slice) in zip(step.parts, step.batch.slices) where slice.wantsLogits {
            let token = transformer.withLogits(tokens.count) { logits in active[part.id]?.sampler.sample(logits) }
            tokens.append(token ?? 0)
        }
        return tokens
    }

    private func finish(_ id: SequenceID, _ reason: FinishReason, _ changes: inout StepReport) {
        guard let sequence = active.removeValue(forKey: id) else { return }
        mailbox.ended(1)
        changes.finished[reason, default: 0] += 1
        sequence.events.yield(.finished(reason))
        sequence.events.finish()
    }

    private func publish(_ changes: StepReport) {
        var report = changes
        report.runningSequences = scheduler.runningCount
        report.waitingSequences = scheduler.waitingCount
        report.blockCount = scheduler.pool.blockCount
        report.freeBlocks = scheduler.pool.freeCount
        self.report(report)
    }

    /// Ends every sequence: no caller may wait for an engine that is gone.
    private func end(_ changes: StepReport) {
        var changes = changes
        for id in scheduler.ids where scheduler.remove(id) { finish(id, .shutdown, &changes) }
        publish(changes)
        for late in mailbox.stopped().submissions {
            late.events.yield(.finished(.shutdown))
            late.events.finish()
        }
    }
}
