// SPDX-License-Identifier: Apache-2.0
import SluiceCore
import SluiceFilter
import Testing

@Suite("An order that can't work") struct PipelineOrderTests {
    @Test("is refused when the pipeline is made: an editing stage after the signer")
    func editAfterSigner() {
        let error = #expect(throws: PipelineOrderError.self) {
            try PipelineFixture.pipeline([.scripted(Signer.self), .scripted(Editor.self)])
        }
        #expect(error?.index == 1)
        #expect(
            error?.message == "editor changes the message after signer has signed it, it would have to stand before")
        #expect(throws: Never.self) {
            try PipelineFixture.pipeline([.scripted(Editor.self), .scripted(Signer.self), .scripted(First.self)])
        }
    }

    @Test("is refused when the pipeline is made: a stage before those whose results it needs")
    func before() {
        let error = #expect(throws: PipelineOrderError.self) {
            try PipelineFixture.pipeline([.scripted(First.self), .scripted(Aligner.self), .scripted(Verifier.self)])
        }
        #expect(error?.message == "aligner needs the results of verifier, which would have to stand before it")
        #expect(throws: Never.self) {
            try PipelineFixture.pipeline([.scripted(Verifier.self), .scripted(First.self), .scripted(Aligner.self)])
        }
    }

    @Test("is a stage that stands twice, but for signers")
    func twice() {
        let error = #expect(throws: PipelineOrderError.self) {
            try PipelineFixture.pipeline([.scripted(First.self), .scripted(First.self)])
        }
        #expect(error?.description == "first stands twice in this pipeline, once is right")
        #expect(throws: Never.self) {
            try PipelineFixture.pipeline([.scripted(Signer.self), .scripted(Signer.self)])
        }
    }

    @Test("is named for each stage that can't stand where it does")
    func all() {
        let errors = PipelineOrder.check([
            ("aligner", Aligner.placement), ("signer", Signer.placement), ("editor", Editor.placement),
        ])
        #expect(errors.map(\.index) == [0, 0, 2])
    }
}
