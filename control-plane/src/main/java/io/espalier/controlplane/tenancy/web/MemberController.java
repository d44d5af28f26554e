package io.espalier.controlplane.tenancy.web;

import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.tenancy.Member;
import io.espalier.controlplane.tenancy.Members;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.time.Instant;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/members")
class MemberController {
    private final Members members;

    MemberController(Members members) {
        this.members = members;
    }

    record AddMemberRequest(@NotBlank String email, @NotNull String password) {}

    record MemberResponse(UUID id, String email, Member.Role role, Instant createdAt) {
        static MemberResponse of(Member member) {
            return new MemberResponse(member.id(), member.email(), member.role(), member.createdAt());
        }
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<MemberResponse> addMember(@Valid @RequestBody AddMemberRequest request) {
        Member added = members.add(TenantContext.required(), request.email(), request.password());
        return ResponseEntity.created(URI.create("/api/members")).body(MemberResponse.of(added));
    }

    @GetMapping
    Page<MemberResponse> listMembers(PageRequest page) {
        Page<Member> found = members.list(TenantContext.required(), page);
        return new Page<>(found.items().stream().map(MemberResponse::of).toList(), found.nextCursor());
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void removeMember(@PathVariable UUID id) {
        members.remove(TenantContext.required(), id);
    }
}
